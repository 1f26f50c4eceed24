namespace Sessions.Domain.Folding;

/// <summary>
/// Why a device owns a session, weakest claim first. A device with a stronger claim takes the session over; one with an
/// equal claim does not.
/// </summary>
public enum Claim
{
    /// <summary>
    /// The session has only recordings. A snapshot names its session and a person, but no device, and the person may
    /// have several browsers. Until an event says which device it is, the person's device keeps the session provisionally.
    /// </summary>
    Recorded,

    /// <summary>
    /// An event named the session or was placed in it, but its device has no id of its own, so it may be a backend.
    /// </summary>
    Named,

    /// <summary>An event came from a client with a device id of its own.</summary>
    Client,
}
