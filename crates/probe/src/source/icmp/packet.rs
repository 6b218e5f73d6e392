//! Echo requests and replies as bytes (RFC 792, RFC 4443).

use std::net::IpAddr;

/// What `ping` sends too: enough that a link that drops long packets is noticed, and fits every link.
const PAYLOAD_BYTES: usize = 56;

const HEADER_BYTES: usize = 8;

/// One request; a reply is to it when it brings everything back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Echo {
    version: Version,
    identifier: u16,
    sequence: u16,
    nonce: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    V4,
    V6,
}

/// What stands before a packet as the system hands it over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Envelope {
    None,
    /// Raw sockets of IPv4 give the packet with its IP header.
    Ipv4Header,
}

/// Whose the identifier is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Identifier {
    Ours,
    /// The system writes its own, and gives us only what bears it.
    System,
}

impl Echo {
    pub(super) const fn new(to: IpAddr, identifier: u16, sequence: u16, nonce: u64) -> Self {
        Self {
            version: match to {
                IpAddr::V4(_) => Version::V4,
                IpAddr::V6(_) => Version::V6,
            },
            identifier,
            sequence,
            nonce,
        }
    }

    /// The request. Over IPv6 the system fills in the checksum, which covers addresses that it chooses.
    pub(super) fn request(&self) -> [u8; HEADER_BYTES + PAYLOAD_BYTES] {
        let kind = match self.version {
            Version::V4 => 8,
            Version::V6 => 128,
        };
        let mut packet = [0; HEADER_BYTES + PAYLOAD_BYTES];
        let (header, payload) = packet.split_at_mut(HEADER_BYTES);
        header[0] = kind;
        header[4..6].copy_from_slice(&self.identifier.to_be_bytes());
        header[6..].copy_from_slice(&self.sequence.to_be_bytes());
        payload.copy_from_slice(&self.payload());
        if self.version == Version::V4 {
            let checksum = checksum(&packet);
            packet[2..4].copy_from_slice(&checksum.to_be_bytes());
        }
        packet
    }

    fn payload(&self) -> [u8; PAYLOAD_BYTES] {
        let mut payload = std::array::from_fn(|index| index as u8);
        payload[..8].copy_from_slice(&self.nonce.to_be_bytes());
        payload
    }

    /// Whether `received` is the reply to this request. Others' packets arrive too.
    pub(super) fn is_answered_by(&self, received: &[u8], envelope: Envelope, identifier: Identifier) -> bool {
        let packet = match envelope {
            Envelope::None => Some(received),
            Envelope::Ipv4Header => without_header(received),
        };
        let Some((header, payload)) = packet.and_then(|packet| packet.split_first_chunk::<HEADER_BYTES>()) else {
            return false;
        };
        let kind = match self.version {
            Version::V4 => 0,
            Version::V6 => 129,
        };
        let [
            their_kind,
            code,
            _,
            _,
            identifier_high,
            identifier_low,
            sequence_high,
            sequence_low,
        ] = *header;
        let is_ours = match identifier {
            Identifier::Ours => [identifier_high, identifier_low] == self.identifier.to_be_bytes(),
            Identifier::System => true,
        };
        their_kind == kind
            && code == 0
            && is_ours
            && [sequence_high, sequence_low] == self.sequence.to_be_bytes()
            && payload == self.payload()
    }
}

/// An IPv4 packet's content: the low half of its first byte is the length of the header in words of four bytes, of which
/// there are at least five.
fn without_header(packet: &[u8]) -> Option<&[u8]> {
    let words = usize::from(packet.first()? & 15);
    if words < 5 { None } else { packet.get(words * 4..) }
}

/// RFC 1071: the complement of the sum, in ones' complement, of all words of two bytes.
fn checksum(packet: &[u8]) -> u16 {
    let words = packet.chunks(2).map(|word| match word {
        [high, low] => u32::from(u16::from_be_bytes([*high, *low])),
        [high] => u32::from(u16::from_be_bytes([*high, 0])),
        _ => 0,
    });
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use proptest::prelude::*;

    use super::*;

    const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

    /// What a well-behaved host makes of a request.
    fn reply(echo: &Echo) -> Vec<u8> {
        let mut packet = echo.request().to_vec();
        packet[0] = if packet[0] == 8 { 0 } else { 129 };
        packet
    }

    #[test]
    fn a_request_carries_a_checksum_that_sums_to_zero() {
        let packet = Echo::new(V4, 0xbeef, 7, 0x0102_0304_0506_0708).request();
        assert_eq!(packet[..2], [8, 0]);
        assert_eq!(packet[4..16], [0xbe, 0xef, 0, 7, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(checksum(&packet), 0);
        // The example of RFC 1071, section 3.
        assert_eq!(checksum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]), !0xddf2);
        assert_eq!(Echo::new(V6, 1, 1, 1).request()[..4], [128, 0, 0, 0]);
    }

    #[test]
    fn only_the_reply_that_brings_everything_back_is_taken() {
        for to in [V4, V6] {
            let echo = Echo::new(to, 5, 6, 7);
            let check = |packet: &[u8], expected: bool| {
                assert_eq!(
                    echo.is_answered_by(packet, Envelope::None, Identifier::Ours),
                    expected,
                    "{packet:?}"
                );
            };
            check(&reply(&echo), true);
            check(&echo.request(), false);
            check(&reply(&Echo::new(to, 4, 6, 7)), false);
            check(&reply(&Echo::new(to, 5, 5, 7)), false);
            check(&reply(&Echo::new(to, 5, 6, 8)), false);
            check(&reply(&echo)[..20], false);
            check(&[], false);
            let other = reply(&Echo::new(to, 4, 6, 7));
            assert!(echo.is_answered_by(&other, Envelope::None, Identifier::System));
        }
    }

    #[test]
    fn the_header_of_a_raw_packet_is_as_long_as_it_says() {
        let echo = Echo::new(V4, 5, 6, 7);
        let check = |header: &[u8], expected: bool| {
            let packet = [header, &reply(&echo)].concat();
            assert_eq!(
                echo.is_answered_by(&packet, Envelope::Ipv4Header, Identifier::Ours),
                expected
            );
        };
        check(&[0x45; 20], true);
        check(&[0x46; 24], true);
        check(&[0x4f; 20], false);
        check(&[], false);
    }

    proptest! {
        #[test]
        fn no_packet_makes_it_panic(packet in proptest::collection::vec(any::<u8>(), 0..100)) {
            for envelope in [Envelope::None, Envelope::Ipv4Header] {
                prop_assert!(!Echo::new(V4, 5, 6, 7).is_answered_by(&packet, envelope, Identifier::System));
            }
        }
    }
}
