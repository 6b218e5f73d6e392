//! Reading what a peer sent, without trusting any length in it.

/// Why bytes are no DNS message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

/// A place in a message.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// The message up to where this reader may go.
    message: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    pub const fn new(message: &'a [u8]) -> Self {
        Self { message, position: 0 }
    }

    /// The same message at another place.
    pub const fn at(self, position: usize) -> Self {
        Self { position, ..self }
    }

    /// The next `length` bytes as a part of their own, in which names may still point to what came before.
    pub fn part(&mut self, length: usize) -> Result<Self, Malformed> {
        let position = self.position;
        self.bytes(length)?;
        let message = self.message.get(..self.position).ok_or(TOO_SHORT)?;
        Ok(Self { message, position })
    }

    pub const fn position(&self) -> usize {
        self.position
    }

    pub const fn is_at_end(&self) -> bool {
        self.position >= self.message.len()
    }

    pub fn bytes(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let end = self.position.checked_add(length).ok_or(TOO_SHORT)?;
        let bytes = self.message.get(self.position..end).ok_or(TOO_SHORT)?;
        self.position = end;
        Ok(bytes)
    }

    pub fn rest(&mut self) -> &'a [u8] {
        let rest = self.message.get(self.position..).unwrap_or_default();
        self.position = self.message.len();
        rest
    }

    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.bytes(N)?.try_into().map_err(|_| TOO_SHORT)
    }

    pub fn u8(&mut self) -> Result<u8, Malformed> {
        self.array().map(u8::from_be_bytes)
    }

    pub fn u16(&mut self) -> Result<u16, Malformed> {
        self.array().map(u16::from_be_bytes)
    }

    pub fn u32(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_be_bytes)
    }
}

const TOO_SHORT: Malformed = Malformed("it ends too early");
