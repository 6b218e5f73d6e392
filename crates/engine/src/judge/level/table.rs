//! A table of thresholds as it is written: five of them have keys of their own, and all of them these three beside.

/// Declares such a table. `default` is how its thresholds keep calm when it does not say, and `hold` the same of its key
/// `for`, in the reference.
///
/// A macro, because serde knows no table that refuses unknown keys and holds the keys of another.
macro_rules! table {
    (
        $(#[$about:meta])*
        pub struct $name:ident (default: $default:expr, hold: $hold:literal) {
            $( $(#[$meaning:meta])* $key:ident: $value:ty, )*
        }
    ) => {
        $(#[$about])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
        )]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $(
                $(#[$meaning])*
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $key: Option<$value>,
            )*
            /// A level that was reached is left when the figure is back by this share of its limit, 0 to 0.9.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schemars(extend("default" = 0.0), range(min = 0.0, max = 0.9))]
            pub hysteresis: Option<f64>,
            /// How long the figure is beyond its limit before the alert fires.
            #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
            #[schemars(extend("default" = $hold))]
            pub hold: Option<probetop_core::setting::Period>,
            /// How long it is back before the alert is resolved.
            #[serde(rename = "clear_for", skip_serializing_if = "Option::is_none")]
            #[schemars(extend("default" = "10s"))]
            pub clear: Option<probetop_core::setting::Period>,
        }

        impl $name {
            /// How its thresholds keep calm.
            fn damping(&self) -> Result<$crate::judge::level::Damping, Vec<probetop_core::setting::Finding>> {
                $default.with(self.hysteresis, self.hold, self.clear)
            }

            /// The same, keeping calm as `damping` says.
            fn damped(self, damping: $crate::judge::level::Damping) -> Self {
                Self {
                    hysteresis: Some(damping.hysteresis),
                    hold: Some(damping.hold.into()),
                    clear: Some(damping.clear.into()),
                    ..self
                }
            }
        }
    };
}

pub(super) use table;
