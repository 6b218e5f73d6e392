//! Bodies that come compressed: undone before conditions look at them, up to the limit of the body.
//!
//! Requests decline it (`accept-encoding: identity`), so that what is measured is what the service sends; some compress
//! nevertheless, and a target may ask for it.

use std::io::{self, BufRead as _, BufReader, Read};

use flate2::bufread::GzDecoder;
use flate2::read::{DeflateDecoder, ZlibDecoder};
use hyper::header::{self, HeaderMap};
use probetop_core::sample::FailureKind;
use ruzstd::decoding::StreamingDecoder;

use super::body::Body;
use super::settings::BODY_LIMIT_MAX_BYTES;
use crate::source::aside::{Effort, aside};
use crate::source::attempt::{Fault, reason};

/// Nobody compresses what is compressed more than once.
const CODINGS_LIMIT: usize = 3;

/// Undone at once.
const PIECE_BYTES: usize = 32 * 1024;

type Source<'a> = Box<dyn Read + Send + 'a>;

/// RFC 9110, section 8.4.1, RFC 7932 and RFC 8878.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstandard,
}

impl Coding {
    fn of(name: &str) -> Option<Self> {
        match name {
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "deflate" => Some(Self::Deflate),
            "br" => Some(Self::Brotli),
            "zstd" => Some(Self::Zstandard),
            _ => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstandard => "zstd",
        }
    }

    /// What stands behind `compressed`.
    fn undo(self, mut compressed: Source<'_>) -> io::Result<Source<'_>> {
        Ok(match self {
            Self::Gzip => Box::new(Members::of(compressed)),
            Self::Deflate => {
                let mut head = [0; 2];
                let read = compressed.read(&mut head)?;
                let compressed = io::Cursor::new(head).take(read as u64).chain(compressed);
                if has_zlib_head(head) {
                    Box::new(ZlibDecoder::new(compressed))
                } else {
                    Box::new(DeflateDecoder::new(compressed))
                }
            }
            Self::Brotli => Box::new(brotli_decompressor::Decompressor::new(compressed, PIECE_BYTES)),
            Self::Zstandard => Box::new(StreamingDecoder::new(compressed).map_err(io::Error::other)?),
        })
    }
}

/// The members of a gzip file one after the other (RFC 1952, section 2.2). What stands behind them and is none, such as
/// padding, means nothing, as in every browser.
struct Members<'a>(Option<GzDecoder<BufReader<Source<'a>>>>);

/// What each member begins with.
const GZIP_MAGIC: u8 = 0x1f;

impl<'a> Members<'a> {
    fn of(compressed: Source<'a>) -> Self {
        Self(Some(GzDecoder::new(BufReader::new(compressed))))
    }
}

impl Read for Members<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.0 {
            match member.read(buf)? {
                0 if !buf.is_empty() => {}
                read => return Ok(read),
            }
            let Some(ended) = self.0.take() else { break };
            let mut rest = ended.into_inner();
            if rest.fill_buf()?.first() == Some(&GZIP_MAGIC) {
                self.0 = Some(GzDecoder::new(rest));
            }
        }
        Ok(0)
    }
}

/// Puts what `body` stands for in its place, at most `limit_bytes` of it.
///
/// # Errors
/// It is not what its head says.
pub(super) async fn undo(headers: &HeaderMap, body: &mut Body, limit_bytes: u64) -> Result<(), Fault> {
    let codings = codings(headers)?;
    if codings.is_empty() || body.bytes.is_empty() {
        return Ok(());
    }
    let compressed = std::mem::take(&mut body.bytes);
    let limit = usize::try_from(limit_bytes).unwrap_or(usize::MAX);
    let layers = codings.clone();
    // A little of it may stand for much, or for nothing at great length.
    let (end, plain) = aside(Effort::Unknown, move || decode(&layers, &compressed, limit)).await;
    body.bytes = plain;
    match end {
        Ok(End::Whole) => {}
        Ok(End::Limit) => body.truncated = true,
        // What was cut off at the limit ends somewhere within.
        Err(_) if body.truncated => {}
        Err(error) => {
            let names: Vec<_> = codings.into_iter().map(Coding::name).collect();
            let message = format!(
                "body is not the {} it is said to be: {}",
                names.join(", "),
                reason(&error)
            );
            return Err(Fault::new(FailureKind::Protocol, message));
        }
    }
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Whole,
    Limit,
}

/// How far it came, with what it gave until then.
fn decode(codings: &[Coding], compressed: &[u8], limit: usize) -> (io::Result<End>, Vec<u8>) {
    let mut plain = Vec::new();
    let end = decode_into(&mut plain, codings, compressed, limit);
    (end, plain)
}

fn decode_into(plain: &mut Vec<u8>, codings: &[Coding], compressed: &[u8], limit: usize) -> io::Result<End> {
    let mut source: Source<'_> = Box::new(compressed);
    // The last one was put on last.
    for coding in codings.iter().rev() {
        // Something may stand behind something that stands behind nothing: no layer goes on for ever.
        source = coding.undo(Box::new(source.take(BODY_LIMIT_MAX_BYTES)))?;
    }
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let read = source.read(&mut piece)?;
        if read == 0 {
            return Ok(End::Whole);
        }
        let room = limit - plain.len();
        plain.extend_from_slice(piece.get(..read.min(room)).unwrap_or_default());
        if read > room {
            return Ok(End::Limit);
        }
    }
}

/// Those that are known, in the order they were put on. One that is not known stays, and all below it.
fn codings(headers: &HeaderMap) -> Result<Vec<Coding>, Fault> {
    // What was put on for the way (RFC 9112, section 7) was put on last; chunks are undone already.
    let of_content = headers.get_all(header::CONTENT_ENCODING).into_iter();
    let lines = of_content.chain(headers.get_all(header::TRANSFER_ENCODING));
    let mut codings = Vec::new();
    for line in lines {
        let line = String::from_utf8_lossy(line.as_bytes()).to_ascii_lowercase();
        for name in line.split(',').map(str::trim) {
            match Coding::of(name) {
                Some(coding) => codings.push(coding),
                None if matches!(name, "" | "identity" | "chunked") => {}
                None => codings.clear(),
            }
        }
    }
    if codings.len() > CODINGS_LIMIT {
        let message = format!("body is compressed more than {CODINGS_LIMIT} times over");
        return Err(Fault::new(FailureKind::Protocol, message));
    }
    Ok(codings)
}

/// RFC 1950, section 2.2. `deflate` means a stream with this head, and many send it without.
fn has_zlib_head(head: [u8; 2]) -> bool {
    head[0] & 0x0f == 8 && u16::from_be_bytes(head).is_multiple_of(31)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use proptest::prelude::*;

    use super::*;

    const TEXT: &[u8] = b"pong pong pong pong";

    /// `printf 'pong pong pong pong' | brotli -c` and `| zstd -c`.
    const BROTLI: &[u8] = b"\x0b\x09\x80pong pong pong pong\x03";

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn undone(coding: &str, bytes: &[u8], limit: u64, truncated: bool) -> Result<(Vec<u8>, bool), String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_ENCODING, coding.parse().unwrap());
        let mut body = Body {
            bytes: bytes.to_vec(),
            length: bytes.len() as u64,
            truncated,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let result = runtime.block_on(undo(&headers, &mut body, limit));
        result
            .map(|()| (body.bytes, body.truncated))
            .map_err(|fault| fault.to_string())
    }

    #[track_caller]
    fn check(coding: &str, bytes: &[u8]) {
        assert_eq!(
            undone(coding, bytes, 1000, false),
            Ok((TEXT.to_vec(), false)),
            "{coding}"
        );
        assert_eq!(
            undone(coding, bytes, 7, false),
            Ok((TEXT[..7].to_vec(), true)),
            "{coding}"
        );
        assert!(undone(coding, &bytes[..bytes.len() - 1], 1000, true).unwrap().1);
    }

    #[test]
    fn every_coding_is_undone_up_to_the_limit() {
        check("gzip", &gzip(TEXT));
        check("X-GZip, identity", &gzip(TEXT));
        check("gzip", &[gzip(&TEXT[..5]), gzip(&TEXT[5..])].concat());
        check("gzip, gzip", &gzip(&gzip(TEXT)));
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(TEXT).unwrap();
        check("deflate", &zlib.finish().unwrap());
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
        raw.write_all(TEXT).unwrap();
        check("deflate", &raw.finish().unwrap());
        check("br", BROTLI);
        let zstd = ruzstd::encoding::compress_to_vec(TEXT, ruzstd::encoding::CompressionLevel::Fastest);
        check("zstd", &zstd);
    }

    #[test]
    fn padding_behind_a_gzip_file_means_nothing() {
        for padding in [&b"\0"[..], &[0; 512], b"\r\n", b"<!-- cached -->"] {
            let padded = [gzip(TEXT).as_slice(), padding].concat();
            assert_eq!(
                undone("gzip", &padded, 1000, false),
                Ok((TEXT.to_vec(), false)),
                "{padding:?}"
            );
        }
    }

    #[test]
    fn what_was_put_on_for_the_way_is_undone_first() {
        let mut headers = HeaderMap::new();
        headers.insert(header::TRANSFER_ENCODING, "gzip, chunked".parse().unwrap());
        assert_eq!(codings(&headers).ok(), Some(vec![Coding::Gzip]));
        headers.insert(header::CONTENT_ENCODING, "br".parse().unwrap());
        assert_eq!(codings(&headers).ok(), Some(vec![Coding::Brotli, Coding::Gzip]));
    }

    #[test]
    fn what_is_not_known_stays_and_what_is_wrong_is_told() {
        assert_eq!(undone("compress", TEXT, 1000, false), Ok((TEXT.to_vec(), false)));
        assert_eq!(undone("gzip", b"", 1000, false), Ok((Vec::new(), false)));
        let error = undone("gzip", TEXT, 1000, false).unwrap_err();
        assert_eq!(error, "body is not the gzip it is said to be: invalid gzip header");
        assert!(undone("br", b"\xff\xff\xff\xff", 1000, false).is_err());
        assert!(undone("zstd", TEXT, 1000, false).is_err());
        let cut = gzip(TEXT);
        assert!(undone("gzip", &cut[..cut.len() - 9], 1000, false).is_err());
        assert!(undone("gzip, gzip, gzip, gzip", TEXT, 1000, false).is_err());
    }

    #[test]
    fn a_bomb_takes_no_more_than_the_limit() {
        let bomb = gzip(&gzip(&vec![0; 8 * 1024 * 1024]));
        let (bytes, truncated) = undone("gzip, gzip", &bomb, 100_000, false).unwrap();
        assert!(truncated && bytes.len() == 100_000, "{}", bytes.len());
    }

    proptest! {
        #[test]
        fn no_bytes_make_a_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), which in 0..4_usize) {
            let coding = ["gzip", "deflate", "br", "zstd"][which];
            let _ = undone(coding, &bytes, 10_000, false);
            let mut cut = gzip(TEXT);
            cut.truncate(bytes.len());
            let _ = undone("gzip", &[cut, bytes].concat(), 10_000, false);
        }
    }
}
