//! Themes of the user's own: found by name and by path, and every problem told with its place.

use std::fs;
use std::path::Path;

use probetop::config::{Config, Overrides, Problems};
use probetop_screen::ui::theme::{Depth, Glyphs, Role};
use ratatui::style::Color;

/// A home with themes and a configuration.
struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    fn new(themes: &[(&str, &str)], config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("probetop/themes");
        fs::create_dir_all(&place).unwrap();
        for (name, text) in themes {
            fs::write(place.join(name), text).unwrap();
        }
        fs::write(folder.path().join("probetop/config.toml"), config).unwrap();
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn load(&self, theme: Option<&str>) -> Result<Config, Problems> {
        let overrides = Overrides {
            file: Some(self.path().join("probetop/config.toml")),
            theme: theme.map(str::to_owned),
            ..Overrides::default()
        };
        let home = self.path().to_str().unwrap().to_owned();
        Config::load(&overrides, &|name| (name == "XDG_CONFIG_HOME").then(|| home.clone()))
    }

    fn refused(&self, theme: Option<&str>) -> String {
        let home = format!("{}/probetop/", self.path().display());
        self.load(theme).unwrap_err().to_string().replace(&home, "")
    }
}

fn ok_color(config: &Config) -> Option<Color> {
    let themes = &config.ui.themes;
    let theme = themes.make(
        themes.find(&config.ui.theme).unwrap(),
        Depth::TrueColor,
        Glyphs::UNICODE,
    );
    theme.style(Role::Ok).fg
}

const GREEN: &str = "base = \"dark\"\nok = \"#00ff00 green\"\n";

#[test]
fn a_theme_is_found_by_its_name_and_offered_after_the_built_in_ones() {
    let home = Home::new(
        &[("forest.toml", GREEN), ("notes.txt", "no theme")],
        "theme = \"forest\"\n",
    );
    let config = home.load(None).unwrap();
    assert_eq!(ok_color(&config), Some(Color::Rgb(0, 255, 0)));
    let names: Vec<_> = config.ui.themes.names().map(|name| name.as_str()).collect();
    assert_eq!(names.last(), Some(&"forest"));
    assert_eq!(names.len(), 9);
}

#[test]
fn a_theme_of_the_users_takes_the_place_of_a_built_in_one() {
    let home = Home::new(&[("dark.toml", GREEN)], "");
    let config = home.load(None).unwrap();
    assert_eq!(ok_color(&config), Some(Color::Rgb(0, 255, 0)));
    assert_eq!(config.ui.themes.names().count(), 8);
}

#[test]
fn a_path_is_meant_from_the_folder_of_the_configuration() {
    let home = Home::new(&[("forest.toml", GREEN)], "theme = \"themes/forest.toml\"\n");
    assert_eq!(ok_color(&home.load(None).unwrap()), Some(Color::Rgb(0, 255, 0)));
    let path = home.path().join("probetop/themes/forest.toml");
    assert_eq!(
        ok_color(&home.load(path.to_str()).unwrap()),
        Some(Color::Rgb(0, 255, 0))
    );
}

#[test]
fn every_problem_of_a_chosen_theme_has_its_place_beside_those_of_the_configuration() {
    let spoilt = "base = \"dusk\"\nok = \"#00ff00 gren\"\nokay = \"green\"\nground = 5\n";
    let home = Home::new(&[("forest.toml", spoilt)], "theme = \"forest\"\ninterval = 5\n");
    insta::assert_snapshot!(home.refused(None));
}

#[test]
fn a_theme_that_is_not_there_is_told_where_it_was_asked_for() {
    let check = |config: &str, theme, expected: &str| {
        let message = Home::new(&[("forest.toml", GREEN)], config).refused(theme);
        assert_eq!(message, expected);
    };
    let known = "unknown theme \"forst\"; did you mean \"forest\"?";
    check("theme = \"forst\"", None, &format!("config.toml:1:9: {known}"));
    check("", Some("forst"), &format!("command line: --theme: {known}"));
    check(
        "theme = \"./away.toml\"",
        None,
        "./away.toml: cannot be read: No such file or directory (os error 2)",
    );
    check(
        "theme = \"./themes/\"",
        None,
        "./themes/: cannot be read: it is not a regular file",
    );
}

#[test]
fn a_spoilt_theme_that_nobody_chose_is_only_a_warning() {
    let check = |lines: &str, expected: &[&str]| {
        let home = Home::new(&[("forest.toml", lines)], "");
        let config = home.load(None).unwrap();
        let warnings: Vec<_> = config.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        for words in expected {
            assert!(warnings[0].contains(words), "{words:?} is not in {warnings:?}");
        }
        assert!(config.ui.themes.position("forest").is_none());
    };
    let left_out = "; until it is mended, the list of themes leaves it out";
    let base = "base = \"dark\"\nok = \"gren\"\n";
    check(base, &["forest.toml:2:6: unknown word \"gren\"", left_out]);
    let more = "; this is the first of 2 problems, --theme forest tells all; until";
    check(
        &format!("{base}warning = \"yelow\"\n"),
        &["forest.toml:2:6: ", more, left_out],
    );
}

#[test]
fn the_theme_of_the_document_loads() {
    let document = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/themes.md")).unwrap();
    let (_, rest) = document.split_once("```ini\nbase").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    let home = Home::new(&[("mine.toml", &format!("base{example}"))], "theme = \"mine\"\n");
    assert_eq!(ok_color(&home.load(None).unwrap()), Some(Color::Rgb(0x7f, 0xb7, 0x7e)));
}

#[test]
fn the_document_names_every_theme_and_role() {
    let document = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/themes.md")).unwrap();
    let config = Home::new(&[], "").load(None).unwrap();
    let names = config.ui.themes.names().map(|name| name.to_string());
    let roles = Role::ALL.iter().map(|role| role.name().to_owned());
    let missing: Vec<_> = names
        .chain(roles)
        .filter(|name| !document.contains(&format!("`{name}`")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
