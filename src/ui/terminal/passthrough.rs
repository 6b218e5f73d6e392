//! Sequences that are meant for the user's own terminal, through a multiplexer that would keep them. Pure.

/// What stands between the program and the user's terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Passthrough {
    /// Nothing, or something that hands on what it knows.
    #[default]
    Plain,
    /// tmux, which hands on what is wrapped for it, where `allow-passthrough` is on.
    Tmux,
}

impl Passthrough {
    /// The bytes that carry `sequence` to the terminal. To tmux itself they say it as well: it may do what it is asked
    /// though it hands nothing on.
    pub fn carry(self, sequence: &[u8]) -> Vec<u8> {
        match self {
            Self::Plain => sequence.to_vec(),
            Self::Tmux => [sequence, &wrap(sequence)].concat(),
        }
    }
}

/// In a device control string for tmux each escape is doubled.
fn wrap(sequence: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x1bPtmux;".to_vec();
    for byte in sequence {
        if *byte == 0x1b {
            bytes.push(0x1b);
        }
        bytes.push(*byte);
    }
    bytes.extend(b"\x1b\\");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tmux_gets_a_sequence_for_itself_and_one_to_hand_on() {
        let sequence = b"\x1b]52;c;aGk=\x1b\\";
        assert_eq!(Passthrough::Plain.carry(sequence), sequence);
        assert_eq!(
            Passthrough::Tmux.carry(sequence),
            b"\x1b]52;c;aGk=\x1b\\\x1bPtmux;\x1b\x1b]52;c;aGk=\x1b\x1b\\\x1b\\"
        );
    }
}
