//! The journeys: what Privet promises, tried from outside on the program itself.
//!
//! One module a promise. [`people_on_disk`] and [`forgetting`] run on both engines; [`crash`] and
//! [`full_disk`] take the machine away under the program; [`screens`] needs a browser. [`house`] and
//! [`supply`] judge the project instead of the program; [`drivers`] shows that the instruments
//! used here do find what they look for.

mod bad_files;
mod crash;
mod doors;
mod drivers;
mod forgetting;
mod full_disk;
mod house;
mod log;
mod people_on_disk;
mod screens;
mod supply;
