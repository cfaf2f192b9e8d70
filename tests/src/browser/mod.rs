//! A real browser: Chromium, driven over its debugging pipe, seeing what a person's browser sees.
//!
//! Input is real input (the mouse moves, keys are pressed at the focused element), and everything the
//! browser complains about is kept: console errors, violations of the content security policy, and
//! requests to any other host. Start reading at [`Browser::open`]; what can be done is in [`Page`].

mod audit;
mod cdp;
mod page;

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;

use serde_json::json;

pub use audit::Focus;
use cdp::Cdp;
pub use page::{Page, Scheme, Screen};

/// A running Chromium with a profile of its own, gone when dropped.
pub struct Browser {
    cdp: Rc<RefCell<Cdp>>,
}

impl Browser {
    /// Starts Chromium.
    ///
    /// # Panics
    /// When there is none, or when it does not start.
    #[must_use]
    pub fn start() -> Self {
        Self {
            cdp: Rc::new(RefCell::new(Cdp::start())),
        }
    }

    /// A new window without cookies, for one server: every other host is foreign to it.
    #[must_use]
    pub fn open(&self, server: SocketAddr) -> Page {
        let mut cdp = self.cdp.borrow_mut();
        let context = cdp.call("", "Target.createBrowserContext", &json!({}));
        let target = cdp.call(
            "",
            "Target.createTarget",
            &json!({ "url": "about:blank", "browserContextId": context["browserContextId"] }),
        );
        let attached = cdp.call(
            "",
            "Target.attachToTarget",
            &json!({ "targetId": target["targetId"], "flatten": true }),
        );
        let session = attached["sessionId"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        for domain in ["Page", "Runtime", "Network", "Log", "Audits", "DOM"] {
            cdp.call(&session, &format!("{domain}.enable"), &json!({}));
        }
        drop(cdp);
        Page::new(Rc::clone(&self.cdp), session, server)
    }
}
