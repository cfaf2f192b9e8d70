//! The browser driver and its audit, tried on pages with planted faults, served by a few lines here.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use journeys::{Browser, Scheme, Screen};

/// A page without fault. `{body}` is where a fault is planted.
const PAGE: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
    <meta name=\"viewport\" content=\"width=device-width\"><title>Sound</title><link rel=\"icon\" href=\"data:,\">\
    <style>:root{color-scheme:light dark} a:focus-visible,button:focus-visible,input:focus-visible{outline:2px solid}\
    button,input{min-height:28px;min-width:28px}</style></head>\
    <body><main><h1>Sound</h1>{body}</main></body></html>";

const SOUND: &str = "<p>Nothing is wrong here.</p><form><label>Name <input name=\"name\"></label> \
    <button type=\"button\">Save</button></form><p>Read <a href=\"/more\">more of it</a> later.</p>";

/// Serves one page at every path for as long as the test runs.
fn serve(body: &str, policy: &'static str) -> SocketAddr {
    let page = PAGE.replace("{body}", body);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its number");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let page = page.clone();
            thread::spawn(move || answer(stream, &page, policy));
        }
    });
    address
}

fn answer(mut stream: TcpStream, page: &str, policy: &str) {
    let mut lines = BufReader::new(stream.try_clone().expect("a second handle")).lines();
    while lines
        .next()
        .and_then(Result::ok)
        .is_some_and(|line| !line.is_empty())
    {}
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-security-policy: {policy}\r\n\
         connection: close\r\ncontent-length: {}\r\n\r\n",
        page.len()
    );
    // A browser that hangs up early is no fault of this page.
    drop(
        stream
            .write_all(head.as_bytes())
            .and_then(|()| stream.write_all(page.as_bytes())),
    );
}

const OPEN: &str = "default-src 'self' 'unsafe-inline' data: http:";

#[test]
fn a_sound_page_passes_the_audit_in_both_schemes() {
    let browser = Browser::start();
    let page = browser.open(serve(SOUND, OPEN));
    for screen in [Screen::WIDE, Screen::NARROW] {
        for scheme in [Scheme::Light, Scheme::Dark] {
            page.show(screen, scheme);
            page.open("/");
            page.is_accessible();
        }
    }
    let stops = page.is_usable_by_keyboard();
    assert_eq!(
        stops.len(),
        3,
        "the field, the button, the link: {stops:#?}"
    );
    page.is_clean();
}

#[test]
fn the_audit_finds_planted_faults() {
    let faults = [
        (
            "1.4.3",
            "<p style=\"color:#999;background:#fff\">Too pale to read.</p>",
        ),
        (
            "1.4.3",
            "<p style=\"background:#222\"><span style=\"color:rgb(255 255 255/.3)\">Too pale.</span></p>",
        ),
        ("3.3.2", "<input name=\"unlabelled\">"),
        ("4.1.2", "<button type=\"button\"></button>"),
        ("4.1.2", "<p id=\"twice\">a</p><p id=\"twice\">b</p>"),
        (
            "4.1.2",
            "<button type=\"button\" aria-controls=\"nowhere\">Open</button>",
        ),
        ("1.1.1", "<img src=\"data:,\" width=\"50\" height=\"50\">"),
        ("1.3.1", "<h3>Skips a level</h3>"),
        ("1.3.1", "<h1>A second first heading</h1>"),
        ("1.3.1", "<table><tr><td>No header</td></tr></table>"),
        (
            "1.4.10",
            "<div style=\"width:3000px\">Wider than the window</div>",
        ),
        (
            "2.4.3",
            "<button type=\"button\" tabindex=\"3\">First!</button>",
        ),
        (
            "2.5.8",
            "<div style=\"display:flex\"><a href=\"/a\" style=\"font-size:9px;display:block\">a</a>\
                   <a href=\"/b\" style=\"font-size:9px;display:block\">b</a></div>",
        ),
    ];
    let browser = Browser::start();
    for (rule, fault) in faults {
        let page = browser.open(serve(fault, OPEN));
        page.open("/");
        let found = page.audit();
        assert!(
            found
                .iter()
                .any(|one| one.starts_with(&format!("[{rule}]"))),
            "{rule} is not found in {fault}: {found:?}"
        );
    }
}

#[test]
#[should_panic(expected = "focus cannot be seen")]
fn a_focus_that_cannot_be_seen_is_found() {
    let browser = Browser::start();
    let page = browser.open(serve(
        "<button type=\"button\" style=\"outline:none\">Hidden focus</button>",
        OPEN,
    ));
    page.open("/");
    drop(page.is_usable_by_keyboard());
}

#[test]
#[should_panic(expected = "the Tab key")]
fn a_trap_for_the_tab_key_is_found() {
    let trap = "<button type=\"button\" id=\"a\">A</button><button type=\"button\" id=\"b\">B</button>\
        <button type=\"button\">C</button><script>addEventListener('keydown', (e) => { if (e.key === 'Tab') \
        { e.preventDefault(); document.getElementById(document.activeElement.id === 'a' ? 'b' : 'a').focus(); } })</script>";
    let browser = Browser::start();
    let page = browser.open(serve(trap, OPEN));
    page.open("/");
    drop(page.is_usable_by_keyboard());
}

#[test]
#[should_panic(expected = "content security policy was violated")]
fn a_violated_policy_is_found() {
    let browser = Browser::start();
    let page = browser.open(serve(
        "<script>document.title = 'ran'</script>",
        "default-src 'self'; style-src 'unsafe-inline'; img-src data:",
    ));
    page.open("/");
    page.is_clean();
}

#[test]
#[should_panic(expected = "requests to other hosts")]
fn a_request_to_another_host_is_found() {
    let other = serve(SOUND, OPEN);
    let body = format!("<iframe title=\"Elsewhere\" src=\"http://{other}/\"></iframe>");
    let browser = Browser::start();
    let page = browser.open(serve(&body, OPEN));
    page.open("/");
    page.is_clean();
}

#[test]
#[should_panic(expected = "errors on the console")]
fn an_error_on_the_console_is_found() {
    let browser = Browser::start();
    let page = browser.open(serve("<script>throw new Error('broken')</script>", OPEN));
    page.open("/");
    page.is_clean();
}

#[test]
fn input_is_real_and_works_without_javascript() {
    let body =
        "<form><label>Name <input name=\"name\" value=\"old\"></label><button>Save</button></form>";
    let browser = Browser::start();
    let page = browser.open(serve(body, OPEN));
    page.javascript(false);
    page.open("/");
    page.fill("input[name=name]", "Zoë O'Hara");
    page.follow("button");
    assert_eq!(page.path(), "/?name=Zo%C3%AB+O%27Hara");
}

#[test]
#[should_panic(expected = "cannot be clicked")]
fn a_covered_button_cannot_be_clicked() {
    let body = "<button type=\"button\">Under</button><div style=\"position:fixed;inset:0;background:#fff\"></div>";
    let browser = Browser::start();
    let page = browser.open(serve(body, OPEN));
    page.open("/");
    page.click("button");
}
