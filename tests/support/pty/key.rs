//! Keys without a character of their own, as an xterm sends them.

pub const ENTER: &str = "\r";
pub const ESC: &str = "\x1b";
pub const TAB: &str = "\t";
pub const BACK_TAB: &str = "\x1b[Z";
pub const UP: &str = "\x1b[A";
pub const DOWN: &str = "\x1b[B";
pub const RIGHT: &str = "\x1b[C";
pub const LEFT: &str = "\x1b[D";
pub const CTRL_C: &str = "\x03";
pub const CTRL_D: &str = "\x04";
pub const CTRL_L: &str = "\x0c";
pub const CTRL_Z: &str = "\x1a";
pub const HOME: &str = "\x1b[H";
pub const END: &str = "\x1b[F";
pub const PAGE_UP: &str = "\x1b[5~";
pub const PAGE_DOWN: &str = "\x1b[6~";

/// A press and release of the left mouse button, counted from column 0 and row 0 (SGR encoding, DEC mode 1006).
pub fn click(col: u16, row: u16) -> String {
    let (col, row) = (col + 1, row + 1);
    format!("\x1b[<0;{col};{row}M\x1b[<0;{col};{row}m")
}

/// One notch of the wheel towards the user.
pub fn wheel_down(col: u16, row: u16) -> String {
    format!("\x1b[<65;{};{}M", col + 1, row + 1)
}

/// One notch of the wheel away from the user.
pub fn wheel_up(col: u16, row: u16) -> String {
    format!("\x1b[<64;{};{}M", col + 1, row + 1)
}
