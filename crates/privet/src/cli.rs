//! The command line, as people type it.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// A CRM that people can be entrusted to: everything sealed, every look logged, anyone forgotten on request.
#[derive(Parser)]
#[command(name = "privet", version, about, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Where the data is.
#[derive(Args, Clone)]
pub struct Place {
    /// Directory of the installation: root key and, unless --database is given, all data
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// A PostgreSQL database instead of the embedded one; the root key stays in --data
    #[arg(long, value_name = "postgres://…")]
    pub database: Option<String>,
    /// The root key's file, where it is not DIR/root.key
    #[arg(long, value_name = "FILE")]
    pub root_key: Option<PathBuf>,
}

#[derive(Subcommand)]
pub enum Command {
    /// Make a workspace of made-up people and serve it, ready to look around
    Demo {
        /// Start over with a new workspace
        #[arg(long)]
        fresh: bool,
        /// Address to serve on
        #[arg(long, default_value = "127.0.0.1:7171")]
        listen: SocketAddr,
        /// Directory of the demonstration
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
    /// Make a new installation: keys, workspace, first administrator
    Init {
        #[command(flatten)]
        place: Place,
        /// Name of the organisation
        #[arg(long)]
        workspace: String,
        /// Mail address of the first administrator
        #[arg(long, value_name = "MAIL")]
        admin: String,
        /// Country whose phone numbers are written without a country code (ISO 3166-1)
        #[arg(long, default_value = "US", value_parser = country)]
        country: String,
    },
    /// Serve the browser and the API
    Serve {
        #[command(flatten)]
        place: Place,
        /// Address to serve on
        #[arg(long, default_value = "127.0.0.1:7171")]
        listen: SocketAddr,
    },
    /// Print a one-time sign-in link for somebody
    Link {
        #[command(flatten)]
        place: Place,
        /// Mail address of the user; the first administrator when left out
        #[arg(long, value_name = "MAIL")]
        user: Option<String>,
    },
    /// Add a user and print their invitation, a one-time link of 72 hours
    User {
        #[command(flatten)]
        place: Place,
        /// Their name
        #[arg(long)]
        name: String,
        /// Their mail address
        #[arg(long)]
        mail: String,
        /// administrator, privacy_officer, sales, support or agent
        #[arg(long)]
        role: String,
    },
    /// Make a token for the API and print it, once
    Token {
        #[command(flatten)]
        place: Place,
        /// What it is for
        #[arg(long, default_value = "command line")]
        label: String,
        /// Days until it ends, at most 90
        #[arg(long, default_value_t = 30)]
        days: u16,
        /// The role it acts in
        #[arg(long, default_value = "administrator")]
        role: String,
        /// The purpose it works for
        #[arg(long, default_value = "record_keeping")]
        purpose: String,
    },
    /// Import people or companies from a CSV file
    Import {
        #[command(flatten)]
        place: Place,
        /// The file
        file: PathBuf,
        /// What its rows are; guessed from its headers when left out
        #[arg(long = "as", value_enum)]
        kind: Option<Table>,
        /// A mapping of its columns, as `--dry-run --json` prints it
        #[arg(long, value_name = "FILE")]
        map: Option<PathBuf>,
        /// Look at everything, write nothing
        #[arg(long)]
        dry_run: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Find people and companies by name, mail or phone
    Find {
        #[command(flatten)]
        place: Place,
        /// Two letters or more of a name, a mail address, a phone number
        text: String,
        /// How many at most
        #[arg(long, default_value_t = 200)]
        limit: usize,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one record with its notes
    Show {
        #[command(flatten)]
        place: Place,
        /// Its id, as `find` prints it
        id: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Check that the log, the records, the indexes and the keys are whole
    Verify {
        #[command(flatten)]
        place: Place,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Read the log, newest first
    Log {
        #[command(flatten)]
        place: Place,
        /// Only what concerns this person
        #[arg(long, value_name = "ID")]
        subject: Option<String>,
        /// How many entries at most; all when left out
        #[arg(long)]
        limit: Option<u32>,
        /// Write the whole log into a file that `privet-verify` checks offline
        #[arg(long, value_name = "FILE")]
        export: Option<PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Forget a person: shows the plan, then carries it out and prints a signed certificate
    Erase {
        #[command(flatten)]
        place: Place,
        /// Their id, as `find` prints it
        id: String,
        /// Show the plan and do nothing
        #[arg(long)]
        dry_run: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Write a backup: the data into FILE, the keys into FILE.keys
    Backup {
        #[command(flatten)]
        place: Place,
        /// The file to write
        file: PathBuf,
    },
    /// Restore a backup; whoever was erased since stays erased
    Restore {
        /// The file to read; its keys are expected in FILE.keys
        file: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// Measure the speed and size budgets and print them as a table
    Bench {
        /// How many people
        #[arg(long, default_value_t = 100_000)]
        people: u64,
        /// Directory for the measurement; a temporary one when left out
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// What the rows of a table are.
#[derive(Clone, Copy, ValueEnum)]
pub enum Table {
    /// People.
    Person,
    /// Companies.
    Company,
}

fn country(text: &str) -> Result<String, String> {
    let sound = text.len() == 2 && text.chars().all(|c| c.is_ascii_alphabetic());
    sound
        .then(|| text.to_ascii_uppercase())
        .ok_or_else(|| "two letters, such as DE".to_owned())
}
