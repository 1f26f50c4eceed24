namespace Sessions.SystemTests.Traffic;

/// <summary>What a visitor's client is like, and what its person does.</summary>
public sealed record Habits
{
    /// <summary>The client has a device id; without one the distinct id stands for the device.</summary>
    public bool HasDevice { get; init; }

    /// <summary>The client names its sessions; without that the server makes them.</summary>
    public bool NamesSessions { get; init; }

    /// <summary>A client that names sessions leaves the name out of some events, as apps in the background do.</summary>
    public bool Forgets { get; init; }

    /// <summary>A backend names the session, too, for the same person.</summary>
    public bool HasBackend { get; init; }

    /// <summary>Some events come late: by seconds, by most of an hour.</summary>
    public bool ComesLate { get; init; }

    /// <summary>The person's session is reset now and then.</summary>
    public bool Resets { get; init; }

    /// <summary>The person is identified after a while; only for clients without device and without sessions.</summary>
    public bool Identifies { get; init; }

    /// <summary>The clients of every day: with and without a device id, with and without sessions of their own.</summary>
    public static Habits Plain(int index) => new() { HasDevice = index % 4 < 2, NamesSessions = index % 2 == 0 };

    /// <summary>Everything that clients do.</summary>
    public static Habits Any(int index) => (index % 8) switch
    {
        0 => new() { HasDevice = true, NamesSessions = true, HasBackend = true },
        1 => new() { Resets = true, ComesLate = true },
        2 => new() { HasDevice = true, ComesLate = true },
        3 => new() { Identifies = true },
        4 => new() { HasDevice = true, Resets = true },
        5 => new() { HasDevice = true, NamesSessions = true, Forgets = true },
        6 => new() { NamesSessions = true, ComesLate = true },
        _ => new() { HasDevice = true, NamesSessions = true, ComesLate = true },
    };
}
