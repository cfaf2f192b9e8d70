//! One window: what a person can do in it, and what can be asked of it.

use std::cell::RefCell;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::cdp::Cdp;
use crate::DEADLINE;

/// How long to wait for the next event before looking again.
const GLANCE: Duration = Duration::from_millis(40);

/// The colour scheme the person's system asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// The size of a window, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
    /// A telephone: touch, no hover.
    pub phone: bool,
}

impl Screen {
    /// A laptop.
    pub const WIDE: Self = Self {
        width: 1360,
        height: 860,
        phone: false,
    };
    /// A telephone.
    pub const NARROW: Self = Self {
        width: 390,
        height: 844,
        phone: true,
    };
}

/// One window, attached to one server.
pub struct Page {
    cdp: Rc<RefCell<Cdp>>,
    session: String,
    server: SocketAddr,
}

impl Page {
    pub(super) fn new(cdp: Rc<RefCell<Cdp>>, session: String, server: SocketAddr) -> Self {
        let page = Self {
            cdp,
            session,
            server,
        };
        page.show(Screen::WIDE, Scheme::Light);
        page
    }

    pub(super) fn call(&self, method: &str, params: &Value) -> Value {
        self.cdp.borrow_mut().call(&self.session, method, params)
    }

    /// Sets the size of the window and the colour scheme. Motion is reduced, so that pictures stand still.
    pub fn show(&self, screen: Screen, scheme: Scheme) {
        let Screen {
            width,
            height,
            phone,
        } = screen;
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone });
        self.call("Emulation.setDeviceMetricsOverride", &size);
        let scheme = if scheme == Scheme::Dark {
            "dark"
        } else {
            "light"
        };
        let features = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        self.call("Emulation.setEmulatedMedia", &features);
    }

    /// Switches JavaScript on or off, from the next page on.
    pub fn javascript(&self, on: bool) {
        self.call(
            "Emulation.setScriptExecutionDisabled",
            &json!({ "value": !on }),
        );
    }

    /// Opens a path of the server and waits until it is loaded.
    #[track_caller]
    pub fn open(&self, path: &str) {
        let before = self.loads();
        let url = format!("http://{}{path}", self.server);
        let answer = self.call("Page.navigate", &json!({ "url": url }));
        assert!(
            answer["errorText"].is_null(),
            "{path} cannot be opened: {}",
            answer["errorText"]
        );
        self.until(&format!("{path} to load"), || self.loads() > before);
    }

    /// The path and query it shows.
    #[must_use]
    pub fn path(&self) -> String {
        self.ask("location.pathname + location.search")
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Waits until the path fulfils a condition.
    #[track_caller]
    pub fn wait_path(&self, what: &str, holds: impl Fn(&str) -> bool) {
        self.until(what, || holds(&self.path()));
    }

    /// Waits until an element is there and visible.
    #[track_caller]
    pub fn wait(&self, selector: &str) {
        self.until(selector, || self.is_visible(selector));
    }

    /// Waits until a text is on the page, as a person reads it.
    #[track_caller]
    pub fn wait_text(&self, text: &str) {
        self.until(&format!("the text {text:?}"), || {
            self.text("body").contains(text)
        });
    }

    /// Waits until a text is no longer on the page.
    #[track_caller]
    pub fn wait_gone(&self, text: &str) {
        self.until(&format!("{text:?} to go"), || {
            !self.text("body").contains(text)
        });
    }

    /// The visible text of the first element that fits, or nothing.
    #[must_use]
    pub fn text(&self, selector: &str) -> String {
        let script = format!(
            "document.querySelector({})?.innerText ?? ''",
            json!(selector)
        );
        self.ask(&script).as_str().unwrap_or_default().to_owned()
    }

    /// Waits until so many elements fit.
    #[track_caller]
    pub fn wait_count(&self, selector: &str, count: u64) {
        self.until(&format!("{count} of {selector}"), || {
            self.count(selector) == count
        });
    }

    /// How many elements fit.
    #[must_use]
    pub fn count(&self, selector: &str) -> u64 {
        let script = format!("document.querySelectorAll({}).length", json!(selector));
        self.ask(&script).as_u64().unwrap_or_default()
    }

    /// Whether an element is there and has a visible box.
    #[must_use]
    pub fn is_visible(&self, selector: &str) -> bool {
        let script = format!(
            "document.querySelector({})?.checkVisibility({{ visibilityProperty: true }}) ?? false",
            json!(selector)
        );
        self.ask(&script).as_bool().unwrap_or_default()
    }

    /// Clicks in the middle of the first element that fits, where a person's pointer would reach it.
    #[track_caller]
    pub fn click(&self, selector: &str) {
        self.wait(selector);
        let script = format!("({POINT})({})", json!(selector));
        let point = self.ask(&script);
        let (Some(x), Some(y)) = (point["x"].as_f64(), point["y"].as_f64()) else {
            panic!("{selector} cannot be clicked on {}: {point}", self.path());
        };
        let mouse = |kind: &str, buttons: u8| {
            let event = json!({
                "type": kind, "x": x, "y": y, "button": if kind == "mouseMoved" { "none" } else { "left" },
                "buttons": buttons, "clickCount": 1,
            });
            self.call("Input.dispatchMouseEvent", &event);
        };
        mouse("mouseMoved", 0);
        mouse("mousePressed", 1);
        mouse("mouseReleased", 0);
    }

    /// Clicks and waits until the next document is loaded: for pages without JavaScript.
    #[track_caller]
    pub fn follow(&self, selector: &str) {
        let before = self.loads();
        self.click(selector);
        self.until(&format!("the page behind {selector}"), || {
            self.loads() > before
        });
    }

    /// Clicks into a field, clears it and types.
    #[track_caller]
    pub fn fill(&self, selector: &str, text: &str) {
        self.click(selector);
        self.press("a", CTRL);
        self.press("Delete", 0);
        self.type_text(text);
        let script = format!("document.querySelector({}).value", json!(selector));
        assert_eq!(
            self.ask(&script),
            json!(text),
            "{selector} did not take what was typed"
        );
    }

    /// Types into whatever has the focus, one key at a time.
    pub fn type_text(&self, text: &str) {
        for letter in text.chars() {
            let event =
                json!({ "type": "keyDown", "text": letter.to_string(), "key": letter.to_string() });
            self.call("Input.dispatchKeyEvent", &event);
            self.call(
                "Input.dispatchKeyEvent",
                &json!({ "type": "keyUp", "key": letter.to_string() }),
            );
        }
    }

    /// Presses a key: `Tab`, `Enter`, `Escape`, `Delete`, a letter.
    pub fn press(&self, key: &str, modifiers: u8) {
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            "Escape" => 27,
            "Delete" => 46,
            other => u32::from(other.to_ascii_uppercase().as_bytes()[0]),
        };
        let mut down = json!({
            "type": "keyDown", "key": key, "modifiers": modifiers,
            "windowsVirtualKeyCode": code, "nativeVirtualKeyCode": code,
        });
        if key == "Enter" {
            down["text"] = json!("\r");
        }
        if key == "a" && modifiers == CTRL {
            down["commands"] = json!(["selectAll"]);
        }
        self.call("Input.dispatchKeyEvent", &down);
        down["type"] = json!("keyUp");
        if let Some(fields) = down.as_object_mut() {
            fields.remove("text");
            fields.remove("commands");
        }
        self.call("Input.dispatchKeyEvent", &down);
    }

    /// Writes a picture of what is visible.
    pub fn picture(&self, path: &Path) {
        let image = self.call("Page.captureScreenshot", &json!({ "format": "png" }));
        let bytes = from_base64(image["data"].as_str().unwrap_or_default());
        assert!(bytes.starts_with(b"\x89PNG"), "the browser gives a picture");
        fs::create_dir_all(path.parent().expect("a directory for the picture"))
            .expect("it can be made");
        fs::write(path, bytes).expect("the picture is written");
    }

    /// The browser had nothing to complain about, and asked nobody else for anything.
    #[track_caller]
    pub fn is_clean(&self) {
        self.cdp.borrow_mut().pump(GLANCE);
        let mut cdp = self.cdp.borrow_mut();
        let seen = cdp.seen(&self.session);
        assert!(
            seen.violations.is_empty(),
            "the content security policy was violated: {:#?}",
            seen.violations
        );
        // A form that is shown again with what was wrong answers 422, a stale one 409: the browser notes
        // both as failures to load, and they are what was asked for.
        let meant = |error: &&String| {
            ["status of 422", "status of 409"]
                .iter()
                .any(|s| error.contains(s))
        };
        let errors: Vec<&String> = seen.errors.iter().filter(|error| !meant(error)).collect();
        assert!(errors.is_empty(), "errors on the console: {errors:#?}");
        let own = [
            format!("http://{}/", self.server),
            "data:".into(),
            "blob:".into(),
            "about:".into(),
        ];
        let foreign: Vec<&String> = seen
            .requests
            .iter()
            .filter(|url| !own.iter().any(|own| url.starts_with(own.as_str())))
            .collect();
        assert!(foreign.is_empty(), "requests to other hosts: {foreign:#?}");
    }

    /// Every address it has asked for.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.cdp.borrow_mut().seen(&self.session).requests.clone()
    }

    /// The value of an expression in the page. While the page changes there is none: null.
    #[must_use]
    pub fn ask(&self, expression: &str) -> Value {
        let params =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self
            .cdp
            .borrow_mut()
            .try_call(&self.session, "Runtime.evaluate", &params);
        match answer {
            Ok(answer) if answer["exceptionDetails"].is_null() => answer["result"]["value"].clone(),
            Ok(answer) => panic!(
                "the question failed: {}\n{expression}",
                answer["exceptionDetails"]
            ),
            Err(_) => Value::Null,
        }
    }

    fn loads(&self) -> usize {
        self.cdp.borrow_mut().seen(&self.session).loads
    }

    #[track_caller]
    fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !holds() {
            if Instant::now() >= deadline {
                let errors = self.cdp.borrow_mut().seen(&self.session).errors.clone();
                panic!(
                    "waited in vain for {what} on {}\n{}\n{errors:#?}",
                    self.path(),
                    self.text("body")
                );
            }
            self.cdp.borrow_mut().pump(GLANCE);
        }
    }
}

/// The Control key, as a modifier of [`Page::press`].
pub(super) const CTRL: u8 = 2;

/// Brings an element into view and gives its middle, or says what lies over it.
const POINT: &str = r"(selector) => {
    const element = document.querySelector(selector);
    element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
    const box = element.getBoundingClientRect();
    const x = box.x + box.width / 2, y = box.y + box.height / 2;
    const top = document.elementFromPoint(x, y);
    const reached = top && (element.contains(top) || top.contains(element) || top.closest('label')?.control === element);
    return reached ? { x, y } : { covered_by: top?.outerHTML.slice(0, 200) ?? 'nothing: it is outside the window' };
}";

fn from_base64(text: &str) -> Vec<u8> {
    let digit = |letter: u8| match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for value in text.bytes().filter_map(digit) {
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held).to_be_bytes()[3]);
            bits &= (1 << held) - 1;
        }
    }
    bytes
}
