namespace Sessions.Domain;

/// <summary>
/// What a device's ownership of a session rests on, weakest first. A better claim takes the session over; an equal one
/// doesn't.
/// </summary>
public enum Claim
{
    /// <summary>
    /// It was only recorded so far. A snapshot names its session and a person, and not the device, for the person may
    /// have several browsers: the person's device keeps the session in trust until an event says whose it is.
    /// </summary>
    Recorded,

    /// <summary>An event named it or was placed in it, of a device that has no id of its own: maybe a backend.</summary>
    Spoken,

    /// <summary>A client with a device id of its own.</summary>
    Client,
}
