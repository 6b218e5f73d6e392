//! One secret of awkward characters, a service that repeats it in every form there is, and a search for it in whatever
//! comes out of the program.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use probetop_core::redact::Redactor;

/// What the environment holds as `SECRET`.
pub const SECRET: &str = "kQ7/x#w?9 \"v'\\%41&<Tz>=~";

/// How a peer may repeat it. A message is cut after 256 characters, and may keep the beginning of one.
pub fn forms() -> Vec<String> {
    let percent = |upper: bool| -> String {
        let encode = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            byte if upper => format!("%{byte:02X}"),
            byte => format!("%{byte:02x}"),
        };
        SECRET.bytes().map(encode).collect()
    };
    let json = serde_json::to_string(SECRET).expect("a text is JSON");
    let html = SECRET.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let basic = STANDARD.encode(format!("user:{SECRET}"));
    let web = basic.replace('+', "-").replace('/', "_");
    vec![
        SECRET.to_owned(),
        SECRET.to_lowercase(),
        percent(true),
        percent(false),
        percent(true).replace("%20", "+"),
        json.trim_matches('"').to_owned(),
        SECRET.escape_debug().to_string(),
        html.clone(),
        html.replace('"', "&quot;").replace('\'', "&#39;"),
        STANDARD.encode(SECRET),
        basic,
        web,
        SECRET.bytes().map(|byte| format!("{byte:02x}")).collect(),
    ]
}

/// Fails where `shown` has the secret in any form.
#[track_caller]
pub fn expect_none(whence: &str, shown: &str) {
    for form in forms() {
        assert!(!shown.contains(&form), "{whence} shows {form:?}:\n{shown}");
    }
    let mut redactor = Redactor::default();
    redactor.learn(SECRET);
    for line in shown.lines() {
        if let Some(masked) = redactor.redacted(line) {
            panic!("{whence} shows it, masked here: {masked}");
        }
    }
}

/// Repeats the secret in one form after the other: in the reason, in headers and in the body of its answers.
pub struct Repeater {
    pub address: SocketAddr,
    /// Bodies of requests to `/hook`.
    told: Arc<Mutex<Vec<String>>>,
}

impl Repeater {
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("it listens");
        let told = Arc::<Mutex<Vec<String>>>::default();
        let hears = Arc::clone(&told);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let hears = Arc::clone(&hears);
                // What breaks off is the program's doing.
                thread::spawn(move || serve(stream, &hears));
            }
        });
        Self { address, told }
    }

    /// What notifications said so far.
    pub fn told(&self) -> Vec<String> {
        self.told.lock().expect("nobody panics with it").clone()
    }

    /// A configuration in which the secret stands wherever one may, in `folder`, which also gets a plugin that repeats it.
    pub fn config(&self, folder: &Path) -> String {
        let plugin = folder.join("plugin");
        let lines: String = forms().iter().map(|form| format!("{form} ")).collect();
        let script = format!(
            "#!/bin/sh\ncat <<'END'\nno {lines}| '{}'=1\nEND\nexit 2\n",
            SECRET.replace(['\'', '=', '|'], "")
        );
        fs::write(&plugin, script).expect("a plugin");
        fs::set_permissions(&plugin, fs::Permissions::from_mode(0o755)).expect("a plugin");
        let Self { address, .. } = self;
        format!(
            r#"
            host = false
            interval = "300ms"
            alerts = {{ state_file = "alerts-state" }}

            [[target]]
            name = "reason"
            url = "http://user:${{SECRET}}@{address}/reason?token=${{SECRET}}"
            headers = {{ authorization = "Bearer ${{SECRET}}", x-key = "${{SECRET}}" }}

            [[target]]
            url = "http://{address}/${{SECRET}}/no-name"

            [[target]]
            name = "body"
            url = "http://{address}/body"
            auth = {{ basic = {{ user = "user", password = "${{SECRET}}" }} }}
            expect = ["body.said == 'fine'"]

            [[target]]
            name = "tally"
            url = "http://{address}/fine"
            headers = {{ x-key = "${{SECRET}}" }}
            tally = "x-said"

            [[target]]
            name = "plugin"
            url = "exec://{}"
            args = ["${{SECRET}}"]

            [[flow]]
            name = "flow"
            [[flow.step]]
            name = "first"
            url = "http://{address}/reason"
            headers = {{ x-key = "${{SECRET}}" }}

            [[alert]]
            name = "broken"
            when = "error_ratio > 0.0"
            severity = "critical"

            [[notify]]
            name = "hook"
            kind = "webhook"
            url = "http://user:${{SECRET}}@{address}/hook/${{SECRET}}"
            headers = {{ x-key = "${{SECRET}}" }}
            "#,
            plugin.display()
        )
    }
}

fn serve(mut stream: TcpStream, told: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    for number in (0..forms().len()).cycle() {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head)? == 0 {
                return Ok(());
            }
        }
        let length = head.lines().find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length:")?
                .trim()
                .parse()
                .ok()
        });
        let mut body = vec![0; length.unwrap_or_default()];
        reader.read_exact(&mut body)?;
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        if path.starts_with("/hook") {
            told.lock()
                .expect("nobody panics with it")
                .push(String::from_utf8_lossy(&body).into_owned());
        }
        let form = &forms()[number];
        // The second half begins so late that only its beginning is kept.
        let said = format!("{form} {} {form}", "x".repeat(236_usize.saturating_sub(form.len())));
        let status = if path.starts_with("/body") || path.starts_with("/fine") {
            200
        } else {
            403
        };
        let answer = serde_json::json!({ "said": said }).to_string();
        write!(
            stream,
            "HTTP/1.1 {status} {said}\r\nx-said: {form}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{answer}",
            answer.len()
        )?;
    }
    Ok(())
}
