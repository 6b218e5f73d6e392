//! Questions to the wire, and answers from it (RFC 1035, RFC 6891).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::name::Name;
use super::reader::{Malformed, Reader};
use super::record::RecordType;

/// Class IN: the internet.
const INTERNET: u16 = 1;

/// The pseudo-record by which we say how long a datagram we take (RFC 6891).
const OPT: u16 = 41;

/// What passes through every network in one piece, as agreed on DNS flag day 2020.
const UDP_PAYLOAD_BYTES: u16 = 1232;

/// Answers that are kept; the rest is counted. A message may hold six thousand, each with a name of 255 bytes.
const ANSWER_LIMIT: usize = 256;

const IS_RESPONSE: u16 = 1 << 15;
const AUTHORITATIVE: u16 = 1 << 10;
const TRUNCATED: u16 = 1 << 9;
const RECURSION_DESIRED: u16 = 1 << 8;
const AUTHENTIC_DATA: u16 = 1 << 5;

/// Aliases that are followed from a name to its records; resolvers themselves give up sooner.
const ALIAS_LIMIT: usize = 32;

/// RFC 1035, section 4.1.1.
const HEADER_BYTES: usize = 12;

const FORMAT_ERROR: u16 = 1;
const SERVER_FAILURE: u16 = 2;
const NOT_IMPLEMENTED: u16 = 4;
const BAD_VERSION: u16 = 16;

/// Whether a question says that longer datagrams are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edns {
    Offered,
    Left,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub name: Name,
    pub record: RecordType,
}

impl Question {
    /// The question as a message, with EDNS (RFC 6891) or without, for servers that refuse it.
    pub fn message(&self, id: u16, edns: Edns) -> Vec<u8> {
        let mut message = Vec::with_capacity(64);
        // One question, no answer, no authority, and perhaps one addition.
        let additions = u16::from(edns == Edns::Offered);
        push(
            &mut message,
            &[id, RECURSION_DESIRED | AUTHENTIC_DATA, 1, 0, 0, additions],
        );
        message.extend(self.name.wire());
        push(&mut message, &[self.record.code(), INTERNET]);
        if edns == Edns::Offered {
            message.push(0);
            // Extended code and version 0, no flags, no options.
            push(&mut message, &[OPT, UDP_PAYLOAD_BYTES, 0, 0, 0]);
        }
        message
    }
}

fn push(message: &mut Vec<u8>, numbers: &[u16]) {
    message.extend(numbers.iter().flat_map(|number| number.to_be_bytes()));
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Response {
    /// 0 is NOERROR.
    pub rcode: u16,
    /// The server knows EDNS.
    pub edns: bool,
    pub truncated: bool,
    pub authoritative: bool,
    /// The resolver says that it has checked the signatures.
    pub authenticated: bool,
    /// Of the type that was asked for, as zone files write them; at most 256.
    pub answers: Vec<String>,
    /// How many there were.
    pub answer_count: usize,
    /// The shortest time to live among them and the aliases that lead to them.
    pub ttl_min_s: Option<u32>,
}

/// Whether a datagram claims to be the response to the message of this id. What is too short to say so is noise, such as
/// anybody can send to our port, and not yet the answer.
pub(super) fn answers(bytes: &[u8], id: u16) -> bool {
    let claims = bytes.first_chunk::<HEADER_BYTES>().map(|header| {
        let number = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
        number(0) == id && number(2) & IS_RESPONSE != 0
    });
    claims.unwrap_or(false)
}

/// Reads the response to `question`; `None`: it is the response to another one.
///
/// # Errors
/// Says what is wrong with it.
pub(super) fn read(bytes: &[u8], id: u16, question: &Question) -> Result<Option<Response>, Malformed> {
    let mut reader = Reader::new(bytes);
    let their_id = reader.u16()?;
    let flags = reader.u16()?;
    let [questions, answers, authorities, additions] = [reader.u16()?, reader.u16()?, reader.u16()?, reader.u16()?];
    if their_id != id || flags & IS_RESPONSE == 0 {
        return Ok(None);
    }
    let mut response = Response {
        rcode: flags & 15,
        truncated: flags & TRUNCATED != 0,
        authoritative: flags & AUTHORITATIVE != 0,
        authenticated: flags & AUTHENTIC_DATA != 0,
        ..Response::default()
    };
    for _ in 0..questions {
        let name = Name::read(&mut reader)?;
        let asked = (reader.u16()?, reader.u16()?);
        if name != question.name || asked != (question.record.code(), INTERNET) {
            return Ok(None);
        }
    }
    if response.truncated {
        // What was cut off may be cut anywhere; whoever wants it asks again.
        return Ok(Some(response));
    }
    let answers = (0..answers).map(|_| Header::read(&mut reader));
    let answers = answers.collect::<Result<Vec<_>, _>>()?;
    response.add_answers(answers, question)?;
    for _ in 0..u32::from(authorities) + u32::from(additions) {
        let record = Header::read(&mut reader)?;
        if record.code == OPT {
            response.edns = true;
            // RFC 6891, section 6.1.3: the upper eight bits of the code.
            response.rcode |= u16::from(record.ttl.to_be_bytes()[0]) << 4;
        }
    }
    Ok(Some(response))
}

impl Response {
    /// Whether the server may only have stumbled over EDNS (RFC 6891, section 7): it says no, and not in EDNS, or that it
    /// knows no version of EDNS that we speak.
    pub(super) fn refuses_edns(&self) -> bool {
        let stumbles = matches!(self.rcode, FORMAT_ERROR | SERVER_FAILURE | NOT_IMPLEMENTED);
        self.rcode == BAD_VERSION || (!self.edns && stumbles)
    }

    /// Those of the name that was asked for, or of the one that its aliases lead to, in whatever order they come.
    fn add_answers(&mut self, records: Vec<Header<'_>>, question: &Question) -> Result<(), Malformed> {
        let wanted = question.record;
        let mut owner = question.name.clone();
        let is_alias = |record: &Header<'_>| record.code == RecordType::Cname.code() && record.class == INTERNET;
        for _ in 0..ALIAS_LIMIT {
            let alias = records.iter().find(|record| is_alias(record) && record.owner == owner);
            let Some(alias) = alias.filter(|_| wanted != RecordType::Cname) else {
                break;
            };
            self.lives(alias);
            owner = Name::read(&mut { alias.data })?;
        }
        for record in records {
            if record.code == wanted.code() && record.class == INTERNET && record.owner == owner {
                self.lives(&record);
                self.answer_count += 1;
                if self.answers.len() < ANSWER_LIMIT {
                    self.answers.push(shown(wanted, record.data)?);
                }
            }
        }
        Ok(())
    }

    fn lives(&mut self, record: &Header<'_>) {
        // RFC 2181, section 8: the highest bit set means zero.
        let ttl = i32::try_from(record.ttl).map_or(0, i32::unsigned_abs);
        self.ttl_min_s = Some(self.ttl_min_s.map_or(ttl, |least| least.min(ttl)));
    }
}

/// A record with its data unread.
struct Header<'a> {
    owner: Name,
    code: u16,
    class: u16,
    ttl: u32,
    data: Reader<'a>,
}

impl<'a> Header<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let owner = Name::read(reader)?;
        let (code, class, ttl) = (reader.u16()?, reader.u16()?, reader.u32()?);
        let length = reader.u16()?;
        let data = reader.part(usize::from(length))?;
        Ok(Self {
            owner,
            code,
            class,
            ttl,
            data,
        })
    }
}

/// The data of a record as zone files write it, without the dots at the end of names and the quotes around texts.
fn shown(record: RecordType, mut data: Reader<'_>) -> Result<String, Malformed> {
    let data = &mut data;
    let text = match record {
        RecordType::A => Ipv4Addr::from(data.array::<4>()?).to_string(),
        RecordType::Aaaa => Ipv6Addr::from(data.array::<16>()?).to_string(),
        RecordType::Cname | RecordType::Ns | RecordType::Ptr => Name::read(data)?.to_string(),
        RecordType::Mx => format!("{} {}", data.u16()?, Name::read(data)?),
        RecordType::Srv => format!("{} {} {} {}", data.u16()?, data.u16()?, data.u16()?, Name::read(data)?),
        RecordType::Soa => {
            let (server, mail) = (Name::read(data)?, Name::read(data)?);
            let [serial, refresh, retry, expire, minimum] =
                [data.u32()?, data.u32()?, data.u32()?, data.u32()?, data.u32()?];
            format!("{server} {mail} {serial} {refresh} {retry} {expire} {minimum}")
        }
        RecordType::Txt => texts(data)?,
        RecordType::Caa => {
            let flags = data.u8()?;
            let tag_length = data.u8()?;
            let tag = String::from_utf8_lossy(data.bytes(usize::from(tag_length))?);
            format!("{flags} {tag} {}", String::from_utf8_lossy(data.rest()))
        }
    };
    if data.is_at_end() {
        Ok(text)
    } else {
        Err(Malformed("a record is longer than its data"))
    }
}

/// The pieces of a TXT record as one: they are cut where 255 bytes end, and mean nothing by it (RFC 7208, section 3.3).
fn texts(data: &mut Reader<'_>) -> Result<String, Malformed> {
    let mut text = Vec::new();
    while !data.is_at_end() {
        let length = data.u8()?;
        text.extend(data.bytes(usize::from(length))?);
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// The response code by its name in the registry of IANA.
pub(super) fn rcode_name(rcode: u16) -> String {
    const NAMES: [&str; 12] = [
        "NOERROR",
        "FORMERR",
        "SERVFAIL",
        "NXDOMAIN",
        "NOTIMP",
        "REFUSED",
        "YXDOMAIN",
        "YXRRSET",
        "NXRRSET",
        "NOTAUTH",
        "NOTZONE",
        "DSOTYPENI",
    ];
    match NAMES.get(usize::from(rcode)) {
        Some(name) => (*name).to_owned(),
        None if rcode == 16 => "BADVERS".to_owned(),
        None => format!("RCODE{rcode}"),
    }
}

#[cfg(test)]
mod tests;
