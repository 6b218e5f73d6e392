//! What a `demo://` target may say about itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::source::http;

/// The same keys as an HTTP target: it is probed as one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Settings(pub http::Settings);
