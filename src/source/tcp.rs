//! A TCP connection, opened and closed again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::source::AddressFamily;

/// The keys of a `tcp://` target beside those that every target has.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// IP version to use: `any`, `4` or `6`.
    pub ip: AddressFamily,
}
