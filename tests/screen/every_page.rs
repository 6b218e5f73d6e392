//! Every page of the table at every size it is designed for: in all colours as text with its styles, and what is different of it
//! with fewer colours, without and in ASCII.

use probetop_screen::ui::theme::{Depth, Glyphs};
use probetop_screen::ui::view::Pane;

use crate::drawn::{difference, draw, lines, picture};
use crate::support::screen::{SIZES, theme};

/// Keys that show a page with something on it.
fn keys(pane: Pane) -> String {
    let key = probetop_screen::ui::keys::KeyMap::default()
        .keys(pane.page().action)
        .remove(0);
    match pane {
        // There is something to compare with once a span is pinned.
        Pane::Compare => format!("b {key}"),
        _ => key,
    }
}

#[test]
fn every_page_looks_as_designed_at_every_size_and_depth() {
    let full = theme(Depth::TrueColor, Glyphs::UNICODE);
    for pane in Pane::ALL {
        let keys = keys(pane);
        for (width, height) in SIZES {
            let drawn = draw(12, (width, height), &keys, &full);
            let mut seen = picture(&drawn);
            for depth in [Depth::Colors256, Depth::Colors16, Depth::None] {
                let other = draw(12, (width, height), &keys, &theme(depth, Glyphs::UNICODE));
                seen += &format!("--- {}\n{}", depth.name(), difference(&drawn, &other));
            }
            let ascii = draw(12, (width, height), &keys, &theme(Depth::None, Glyphs::ASCII));
            seen += &format!("--- ascii\n{}\n", lines(&ascii).join("\n"));
            let name = format!("{pane:?}_{width}x{height}").to_lowercase();
            insta::assert_snapshot!(name, seen);
        }
    }
}

/// What a terminal has no character for is drawn as a question mark: on the console no more of them than in ASCII, where they
/// are characters of names.
#[test]
fn the_console_has_every_character_that_pages_are_drawn_with() {
    for pane in Pane::ALL {
        let keys = keys(pane);
        let unknown = |glyphs| {
            let frame = draw(12, (160, 50), &keys, &theme(Depth::Colors16, glyphs));
            frame.content.iter().filter(|cell| cell.symbol() == "?").count()
        };
        assert!(unknown(Glyphs::CONSOLE) <= unknown(Glyphs::ASCII), "{pane:?}");
    }
}
