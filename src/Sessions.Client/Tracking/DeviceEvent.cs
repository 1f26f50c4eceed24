namespace Sessions.Client.Tracking;

/// <summary>An event and the ids that decide which device takes it.</summary>
/// <param name="Event">The event.</param>
/// <param name="AnonymousId">
/// The anonymous id of an <c>$identify</c> without a device id, unless it is generic; else null. The device of this id
/// takes the event, because it has the live session, and hands the session over.
/// </param>
/// <param name="OtherId">The other id, which the event merges with its distinct id; null when it merges none.</param>
internal readonly record struct DeviceEvent(SessionEvent Event, string? AnonymousId, string? OtherId)
{
    /// <summary>Whether the event has an id that decides its device.</summary>
    public bool NamesSomebody =>
        IdText.Trim(Event.DistinctId) is not null || IdText.Trim(Event.DeviceId) is not null;

    /// <summary>Whether the device hands its session over to the device of the identified person.</summary>
    public bool HandsOver => AnonymousId is not null && OtherId is not null;

    /// <summary>Reads the ids of an event from its properties.</summary>
    public static DeviceEvent Of(SessionEvent happened) => Of(happened, PersonMerge.OtherIdOf(happened));

    /// <summary>Reads the ids of an event whose other id is known.</summary>
    /// <param name="happened">The event.</param>
    /// <param name="other">The other id as it was sent; null when there is none.</param>
    public static DeviceEvent Of(SessionEvent happened, string? other)
    {
        bool isOfAnonymous = other is not null && IdText.Trim(happened.Name) == PersonMerge.Identify
            && IdText.Trim(happened.DeviceId) is null && !PersonIds.NamesNobody(other);
        bool merges = PersonMerge.Joins(IdText.Trim(happened.DistinctId), other);
        return new DeviceEvent(happened, isOfAnonymous ? other : null, merges ? other : null);
    }

    /// <summary>The device that takes the event.</summary>
    /// <exception cref="ArgumentException">The event has no id.</exception>
    public UserDeviceKey DeviceIn(string project) =>
        UserDeviceKey.Create(project, AnonymousId ?? Event.DistinctId, Event.DeviceId);
}
