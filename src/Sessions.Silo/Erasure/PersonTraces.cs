namespace Sessions.Silo.Erasure;

/// <summary>The sessions of one journal day that have entries of a person.</summary>
/// <param name="Day">The day on which the sessions were born.</param>
/// <param name="Sessions">The sessions.</param>
internal sealed record JournalDay(DateOnly Day, IReadOnlyList<SessionKey> Sessions);

/// <summary>The devices and sessions that a deletion must call.</summary>
/// <param name="Devices">Devices that had data of the person.</param>
/// <param name="Shared">Sessions that continue without the person.</param>
internal sealed record PersonTraces(IReadOnlyList<UserDeviceKey> Devices, IReadOnlyList<SessionKey> Shared);
