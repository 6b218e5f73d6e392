//! Domain names: from what people write to the wire, and back.

use std::fmt::Write as _;
use std::net::IpAddr;

use url::Host;

use super::reader::{Malformed, Reader};
use super::record::RecordType;

/// RFC 1035, section 2.3.4.
const LABEL_LIMIT_BYTES: usize = 63;

/// RFC 1035, section 2.3.4: with the length of each label and the root's zero.
const NAME_LIMIT_BYTES: usize = 255;

/// The two highest bits of a label's length say that it is a pointer (RFC 1035, section 4.1.4).
const POINTER: u8 = 0b1100_0000;

/// A domain name in lower case: DNS knows no case (RFC 4343).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(Vec<u8>);

impl Name {
    /// Reads a name as people write it, with or without the dot at its end, of any script. With `PTR`, an address is the
    /// name under which it is found.
    ///
    /// # Errors
    /// Says why it is none.
    pub fn parse(text: &str, record: RecordType) -> Result<Self, String> {
        match (text.trim_matches(['[', ']']).parse::<IpAddr>(), record) {
            (Ok(address), RecordType::Ptr) => return Self::from_ascii(&reverse(address)),
            (Ok(address), _) => return Err(format!("{address} is an address, not a name; ask for its PTR record")),
            (Err(_), _) => {}
        }
        if text == "." {
            return Ok(Self(vec![0]));
        }
        if text.is_ascii() {
            return Self::from_ascii(text);
        }
        let host = Host::parse(text).map_err(|error| format!("{text:?} is not a name: {error}"))?;
        Self::from_ascii(&host.to_string())
    }

    fn from_ascii(text: &str) -> Result<Self, String> {
        let text = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        let mut wire = Vec::with_capacity(text.len() + 2);
        for label in text.split('.') {
            if label.is_empty() || label.contains(|c: char| c.is_ascii_control() || c == ' ') {
                return Err(format!("{text:?} is not a name; write for example www.example.com"));
            }
            let length = u8::try_from(label.len())
                .ok()
                .filter(|length| usize::from(*length) <= LABEL_LIMIT_BYTES);
            let length = length.ok_or_else(|| format!("{label:?} is too long; a label has at most 63 bytes"))?;
            wire.push(length);
            wire.extend_from_slice(label.as_bytes());
        }
        wire.push(0);
        if wire.len() > NAME_LIMIT_BYTES {
            return Err("the name is too long; it has at most 253 characters".to_owned());
        }
        Ok(Self(wire))
    }

    /// As questions and answers carry it, uncompressed.
    pub fn wire(&self) -> &[u8] {
        &self.0
    }

    /// Reads a name, following pointers. Each must lead to what stands before the labels it ends, so that they cannot
    /// lead in a circle.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut wire = Vec::new();
        let mut start = reader.position();
        let mut followed: Option<Reader<'_>> = None;
        loop {
            let here = followed.as_mut().unwrap_or(reader);
            let length = here.u8()?;
            match length & POINTER {
                0 => {
                    wire.push(length);
                    wire.extend(here.bytes(usize::from(length))?.iter().map(u8::to_ascii_lowercase));
                }
                POINTER => {
                    let target = usize::from(length & !POINTER) << 8 | usize::from(here.u8()?);
                    if target >= start {
                        return Err(Malformed("a name points forward"));
                    }
                    start = target;
                    followed = Some(reader.at(target));
                    continue;
                }
                _ => return Err(Malformed("a label of an unknown kind")),
            }
            if wire.len() > NAME_LIMIT_BYTES {
                return Err(Malformed("a name is too long"));
            }
            if length == 0 {
                return Ok(Self(wire));
            }
        }
    }
}

impl std::fmt::Display for Name {
    /// Without the dot at the end, except for the root; what is no letter, digit or common sign as in zone files
    /// (RFC 1035, section 5.1).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut labels = self.0.as_slice();
        let mut is_first = true;
        while let Some((length, rest)) = labels.split_first().filter(|(length, _)| **length > 0) {
            if !is_first {
                f.write_char('.')?;
            }
            is_first = false;
            let (label, after) = rest.split_at_checked(usize::from(*length)).unwrap_or((rest, &[]));
            for byte in label {
                match byte {
                    b'.' | b'\\' => write!(f, "\\{}", char::from(*byte))?,
                    b'!'..=b'~' => f.write_char(char::from(*byte))?,
                    other => write!(f, "\\{other:03}")?,
                }
            }
            labels = after;
        }
        if is_first { f.write_char('.') } else { Ok(()) }
    }
}

/// RFC 1035, section 3.5 and RFC 3596, section 2.5.
fn reverse(address: IpAddr) -> String {
    let mut name = String::new();
    match address {
        IpAddr::V4(address) => {
            for byte in address.octets().iter().rev() {
                // Writing to a string cannot fail.
                let _ = write!(name, "{byte}.");
            }
            name + "in-addr.arpa"
        }
        IpAddr::V6(address) => {
            for byte in address.octets().iter().rev() {
                let _ = write!(name, "{:x}.{:x}.", byte & 15, byte >> 4);
            }
            name + "ip6.arpa"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, record: RecordType, expected: Result<&str, &str>) {
        let name = Name::parse(text, record).map(|name| name.to_string());
        assert_eq!(name, expected.map(str::to_owned).map_err(str::to_owned), "of {text:?}");
    }

    #[test]
    fn names_are_read_as_people_write_them() {
        check("Www.Example.com", RecordType::A, Ok("www.example.com"));
        check("example.com.", RecordType::A, Ok("example.com"));
        check("_sip._tcp.example.com", RecordType::Srv, Ok("_sip._tcp.example.com"));
        check("bücher.example", RecordType::A, Ok("xn--bcher-kva.example"));
        check("192.0.2.7", RecordType::Ptr, Ok("7.2.0.192.in-addr.arpa"));
        let v6 = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
        check("[2001:db8::1]", RecordType::Ptr, Ok(v6));
    }

    #[test]
    fn what_is_no_name_says_why() {
        check(
            "a..b",
            RecordType::A,
            Err("\"a..b\" is not a name; write for example www.example.com"),
        );
        check(
            "",
            RecordType::A,
            Err("\"\" is not a name; write for example www.example.com"),
        );
        check(
            "192.0.2.7",
            RecordType::A,
            Err("192.0.2.7 is an address, not a name; ask for its PTR record"),
        );
        let long = "a".repeat(64);
        check(
            &long,
            RecordType::A,
            Err(&format!("{long:?} is too long; a label has at most 63 bytes")),
        );
        check(
            &"ab.".repeat(90),
            RecordType::A,
            Err("the name is too long; it has at most 253 characters"),
        );
    }

    fn check_read(bytes: &[u8], at: usize, expected: Result<(&str, usize), &str>) {
        let mut reader = Reader::new(bytes).at(at);
        let name = Name::read(&mut reader).map(|name| name.to_string());
        let found = name
            .as_deref()
            .map(|name| (name, reader.position()))
            .map_err(|malformed| malformed.0);
        assert_eq!(found, expected, "of {bytes:?}");
    }

    #[test]
    fn pointers_are_followed_backwards_only() {
        check_read(b"\x03com\x00\x01a\xc0\x00!", 5, Ok(("a.com", 9)));
        check_read(b"\x00", 0, Ok((".", 1)));
        check_read(b"\x03a.\x1b\x00", 0, Ok(("a\\.\\027", 5)));
        check_read(b"\xc0\x00", 0, Err("a name points forward"));
        check_read(b"\x01a\xc0\x00", 0, Err("a name points forward"));
        check_read(b"\x40", 0, Err("a label of an unknown kind"));
        check_read(b"\x05ab", 0, Err("it ends too early"));
        let long = [&[63][..], &[b'x'; 63]].concat().repeat(5);
        check_read(&long, 0, Err("a name is too long"));
    }
}
