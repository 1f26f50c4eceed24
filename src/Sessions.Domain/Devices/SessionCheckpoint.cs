using Sessions.Domain.Folding;

namespace Sessions.Domain.Devices;

/// <summary>A session's row as a device reads it. A row may be some seconds behind its session.</summary>
/// <param name="SessionId">The session's id.</param>
/// <param name="State">
/// The state in the row; null when this version can't read it, and the session must be called.
/// </param>
public sealed record SessionCheckpoint(Guid SessionId, SessionState? State)
{
    /// <summary>
    /// Whether the session has ended and its row contains every entry of the journal; false when this was not checked.
    /// </summary>
    public bool IsCurrent { get; init; }
}

/// <summary>What an activation reads when it opens a device.</summary>
/// <param name="Epoch">This activation's epoch.</param>
/// <param name="Sessions">The device's latest sessions, and all live ones.</param>
/// <param name="OthersBefore">
/// The device may have other sessions that began at this time or before; null when it has none.
/// </param>
/// <param name="HandedTo">
/// The device to which it handed its session over when the person was identified; null when there is none.
/// </param>
/// <param name="Reminder">The version of its reminder; null when it has none.</param>
public sealed record OpenedDevice(
    long Epoch,
    IReadOnlyList<SessionCheckpoint> Sessions,
    DateTimeOffset? OthersBefore,
    string? HandedTo = null,
    int? Reminder = null)
{
    /// <summary>
    /// Whether the store does not know the device: it has no row, no reminder and no session. The transaction of its first
    /// events must write its row, with this epoch.
    /// </summary>
    public bool IsUnknown { get; init; }
}

/// <summary>Computes a device's timeline from its sessions' rows.</summary>
/// <param name="device">The device.</param>
/// <param name="rows">The rows of its sessions.</param>
/// <param name="othersBefore">
/// It may have other sessions that began at this time or before; null when it has none.
/// </param>
/// <param name="rules">The project's rules.</param>
public sealed class TimelineReading(
    UserDeviceKey device, IReadOnlyList<SessionCheckpoint> rows, DateTimeOffset? othersBefore, SessionRules rules)
{
    /// <summary>
    /// The step that reads the standings of sessions whose rows may be outdated: the live ones and the latest. A
    /// session whose row is known to be complete is not called.
    /// </summary>
    public ReadStandings Standings { get; } = new(
        [.. rows.Where(row => !IsCertain(row, rows)).Select(row => new StandingRequest(row.SessionId, row.State?.Number ?? 0))]);

    /// <summary>The timeline, after <see cref="Standings"/> has its answer.</summary>
    public DeviceTimeline ToTimeline() => DeviceTimeline.Of(
        rows.Where(row => IsCertain(row, rows))
            .Select(row => SessionStanding.Of(row.SessionId, row.State!, rules))
            .Concat(Standings.Answer.OfType<SessionStanding>().Where(standing => standing.Owner == device.Device)),
        othersBefore is { } start ? DeviceTimeline.ReachOf(start, rules) : DateTimeOffset.MinValue);

    /// <summary>
    /// The device that has got a session of this one since the rows were read, because its person was identified; null when
    /// none has.
    /// </summary>
    public string? HandedTo => Standings.Answer.OfType<SessionStanding>()
        .Where(standing => standing.Owner != device.Device && !standing.OwnerIsClient
            && standing.IdentifiedAs is { } person && UserDeviceKey.DeviceOf(person.DistinctId) == standing.Owner)
        .MaxBy(standing => standing.Start)?.Owner;

    private static bool IsCertain(SessionCheckpoint row, IReadOnlyList<SessionCheckpoint> rows) =>
        row.State is { Status: SessionStatus.Ended } state
        && (row.IsCurrent || rows.Any(other => other.State?.Start > state.Start));
}
