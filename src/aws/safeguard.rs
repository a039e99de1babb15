//! The safeguards that keep the world whole whatever happens, by name. All are always on; the bench switches off each in
//! turn (`Aws::without`) and must then find the world broken, or it would prove nothing.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safeguard {
    /// What stands already, of an unfinished creation or of a call whose answer was lost, is gone on with.
    Adoption,
    /// What nobody expected to see is believed only once it has looked the same for a while (`observe::settled`).
    SettledReads,
    /// Of all operations on a stack, one works on it at a time (`lease`).
    Lease,
    /// A delete leaves alone what was made anew since its state was written.
    Generation,
    /// A create that AWS would carry out twice is sent again only if it surely had no effect (`retry::MAKES_TWO`).
    NoBlindRepeat,
}

impl Safeguard {
    pub const ALL: [Self; 5] = [Self::Adoption, Self::SettledReads, Self::Lease, Self::Generation, Self::NoBlindRepeat];
}
