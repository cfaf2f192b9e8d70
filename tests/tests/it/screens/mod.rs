//! The pages in a real browser, as a person meets them.
//!
//! [`place`] names the addresses and elements that the journeys rely on; [`work`] is a day's work with
//! and without JavaScript; [`surface`] judges every page in both colour schemes on both screens;
//! [`instruments`] shows that the browser driver and its audit find planted faults.

mod instruments;
mod place;
mod surface;
mod work;
