//! The two messages of `grpc.health.v1.Health/Check`, as protobuf in a gRPC frame.
//!
//! One text and one number: a code generator and its runtime would be a hundred times as much.

/// A longer answer is refused: a status and a few bytes that a later version may add.
pub(super) const MESSAGE_LIMIT_BYTES: usize = 4 * 1024;

/// One byte that says whether the message is compressed, and four of its length.
const PREFIX_BYTES: usize = 5;

/// Field 1, length-delimited: `HealthCheckRequest.service`.
const SERVICE_TAG: u8 = 1 << 3 | 2;

/// `HealthCheckResponse.ServingStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServingStatus {
    Unknown,
    Serving,
    NotServing,
    ServiceUnknown,
    Other(u64),
}

impl ServingStatus {
    pub fn name(self) -> String {
        match self {
            Self::Unknown => "UNKNOWN".to_owned(),
            Self::Serving => "SERVING".to_owned(),
            Self::NotServing => "NOT_SERVING".to_owned(),
            Self::ServiceUnknown => "SERVICE_UNKNOWN".to_owned(),
            Self::Other(number) => format!("status {number}"),
        }
    }

    const fn of(number: u64) -> Self {
        match number {
            0 => Self::Unknown,
            1 => Self::Serving,
            2 => Self::NotServing,
            3 => Self::ServiceUnknown,
            number => Self::Other(number),
        }
    }
}

/// Asks for `service`; the empty one is the server as a whole.
pub(super) fn request(service: &str) -> Vec<u8> {
    let mut message = Vec::with_capacity(service.len() + PREFIX_BYTES);
    if !service.is_empty() {
        message.push(SERVICE_TAG);
        let mut length = service.len();
        while length >= 0x80 {
            message.push(length as u8 | 0x80);
            length >>= 7;
        }
        message.push(length as u8);
        message.extend_from_slice(service.as_bytes());
    }
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes();
    [&[0], &length[..], &message].concat()
}

/// Reads the frame and the message of an answer.
///
/// # Errors
/// Says what is wrong with it.
pub(super) fn read(frame: &[u8]) -> Result<ServingStatus, &'static str> {
    let (prefix, message) = frame
        .split_first_chunk::<PREFIX_BYTES>()
        .ok_or("answer has no message")?;
    let [compressed, length @ ..] = *prefix;
    if compressed != 0 {
        return Err("answer is compressed, which nobody asked for");
    }
    if usize::try_from(u32::from_be_bytes(length)) != Ok(message.len()) {
        return Err("answer is not one whole message");
    }
    status(message).ok_or("answer is not a HealthCheckResponse")
}

/// The last of field 1, as protobuf has it; fields of later versions are passed over.
fn status(mut rest: &[u8]) -> Option<ServingStatus> {
    let mut status = ServingStatus::Unknown;
    while !rest.is_empty() {
        let tag = varint(&mut rest)?;
        match (tag >> 3, tag & 7) {
            (0, _) => return None,
            (1, 0) => status = ServingStatus::of(varint(&mut rest)?),
            (_, 0) => drop(varint(&mut rest)?),
            (_, 1) => rest = rest.get(8..)?,
            (_, 2) => {
                let length = usize::try_from(varint(&mut rest)?).ok()?;
                rest = rest.get(length..)?;
            }
            (_, 5) => rest = rest.get(4..)?,
            (_, _) => return None,
        }
    }
    Some(status)
}

/// Seven bits a byte, the lowest first, ten bytes at most.
fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_request_names_the_service() {
        assert_eq!(request(""), [0, 0, 0, 0, 0]);
        assert_eq!(request("ab"), [0, 0, 0, 0, 4, 0x0a, 2, b'a', b'b']);
        let long = request(&"x".repeat(300));
        assert_eq!(long[..8], [0, 0, 0, 1, 47, 0x0a, 0xac, 2]);
        assert_eq!(long.len(), 5 + 303);
    }

    fn check(message: &[u8], expected: Option<ServingStatus>) {
        let length = (message.len() as u32).to_be_bytes();
        let read = read(&[&[0], &length[..], message].concat());
        assert_eq!(
            read,
            expected.ok_or("answer is not a HealthCheckResponse"),
            "{message:?}"
        );
    }

    #[test]
    fn an_answer_is_a_status_and_what_later_versions_add() {
        use ServingStatus::{NotServing, Other, ServiceUnknown, Serving, Unknown};
        check(&[], Some(Unknown));
        check(&[8, 0], Some(Unknown));
        check(&[8, 1], Some(Serving));
        check(&[8, 2], Some(NotServing));
        check(&[8, 3], Some(ServiceUnknown));
        check(&[8, 0xac, 2], Some(Other(300)));
        check(&[8, 2, 8, 1], Some(Serving));
        check(
            &[
                0x12, 3, 1, 2, 3, 0x19, 0, 0, 0, 0, 0, 0, 0, 0, 8, 1, 0x25, 0, 0, 0, 0, 0x30, 7,
            ],
            Some(Serving),
        );
        check(&[8], None);
        check(&[0x12, 200, 1], None);
        check(&[0x12, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1], None);
        check(&[8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255], None);
        check(&[0, 1], None);
        check(&[0x0b], None);
    }

    #[test]
    fn a_frame_is_one_whole_message() {
        assert_eq!(read(&[]), Err("answer has no message"));
        assert_eq!(read(&[0, 0, 0, 0]), Err("answer has no message"));
        assert_eq!(
            read(&[1, 0, 0, 0, 0]),
            Err("answer is compressed, which nobody asked for")
        );
        assert_eq!(read(&[0, 0, 0, 0, 3, 8, 1]), Err("answer is not one whole message"));
        assert_eq!(read(&[0, 255, 255, 255, 255]), Err("answer is not one whole message"));
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = read(&bytes);
            let _ = status(&bytes);
        }
    }
}
