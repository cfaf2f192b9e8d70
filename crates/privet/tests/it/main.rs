//! Whole-surface tests of the program.
