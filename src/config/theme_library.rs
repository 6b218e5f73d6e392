//! The user's own themes: files of `$XDG_CONFIG_HOME/probetop/themes`, and one that the configuration names by its path.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use probetop_core::sample::printable;
use probetop_probe::file;
use probetop_screen::ui::Themes;

use super::document::Document;
use super::problem::Problem;
use super::secret::Environment;
use super::{Problems, config_folder};

/// A palette has some twenty lines; anything beyond this is none.
const THEME_LIMIT_BYTES: u64 = 64 * 1024;

/// More themes than anybody chooses from.
const THEME_LIMIT: usize = 100;

const EXTENSION: &str = "toml";

/// Every theme there is to choose from, and what is wrong with those that cannot be used.
#[derive(Debug, Default)]
pub struct ThemeLibrary {
    pub themes: Themes,
    /// Files of the folder that are no themes. That matters once one of them is chosen.
    spoilt: BTreeMap<String, Vec<Problem>>,
    /// What is wrong with the files that are chosen.
    pub problems: Problems,
}

impl ThemeLibrary {
    /// Reads the folder of themes; one that is not there is empty.
    pub fn read(environment: Environment<'_>) -> Self {
        let mut theme_library = Self::default();
        let folder = config_folder(environment).map(|folder| folder.join("themes"));
        let mut paths: Vec<PathBuf> = folder
            .and_then(|folder| fs::read_dir(folder).ok())
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == EXTENSION))
            .collect();
        paths.sort();
        for path in paths.iter().take(THEME_LIMIT) {
            let Some(name) = path.file_stem().and_then(|stem| stem.to_str()) else {
                continue;
            };
            if let Err(problems) = theme_library.add(name, path) {
                theme_library.spoilt.insert(name.to_owned(), problems);
            }
        }
        theme_library
    }

    /// Makes sure that a theme is there: by its name, or by its path from `beside`.
    ///
    /// # Errors
    /// What is wrong with the name. What is wrong with the file it leads to is noted in [`ThemeLibrary::problems`].
    pub fn choose(&mut self, theme: &str, beside: &Path) -> Result<(), String> {
        if let Some(problems) = self.spoilt.remove(theme) {
            self.problems.extend(problems);
            return Ok(());
        }
        if is_path(theme) && self.themes.position(theme).is_none() {
            if let Err(problems) = self.add(theme, &beside.join(theme)) {
                self.problems.extend(problems);
            }
            return Ok(());
        }
        self.themes.find(theme).map(|_| ())
    }

    /// What is wrong with files that nobody chose: once for each, however much it is.
    pub fn warnings(&self) -> impl Iterator<Item = Problem> {
        self.spoilt.iter().filter_map(|(name, problems)| {
            let first = problems.first()?;
            let name = printable(name);
            let more = match problems.len() {
                1 => String::new(),
                count => format!("; this is the first of {count} problems, --theme {name} tells all"),
            };
            Some(Problem {
                message: format!(
                    "{}{more}; until it is mended, the list of themes leaves it out",
                    first.message
                ),
                ..first.clone()
            })
        })
    }

    fn add(&mut self, name: &str, path: &Path) -> Result<(), Vec<Problem>> {
        let text = file::read_text(path, THEME_LIMIT_BYTES)
            .map_err(|error| vec![Problem::in_file(path, format!("cannot be read: {error}"))])?;
        let about = printable(&path.display().to_string());
        let mut document = Document::new(path.display().to_string(), &text);
        if let Some(table) = document.parse(&|_| None) {
            let lines = document.read_as::<BTreeMap<String, String>>(&table, "", &[]);
            let findings = lines.and_then(|lines| self.themes.add(name, &about, &lines).err());
            for finding in findings.into_iter().flatten() {
                document.finding(&table, "", &finding);
            }
        }
        let problems: Vec<_> = document.into_problems().collect();
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }
}

/// A name has no folders and no ending.
fn is_path(theme: &str) -> bool {
    theme.contains('/')
        || Path::new(theme)
            .extension()
            .is_some_and(|extension| extension == EXTENSION)
}
