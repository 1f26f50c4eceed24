using System.Text.Json;

namespace Sessions;

/// <summary>One call to a device: events, with their places in what the caller sent.</summary>
/// <param name="device">The device.</param>
internal sealed class DeviceBatch(UserDeviceKey device)
{
    public UserDeviceKey Device { get; } = device;

    public List<SessionEvent> Events { get; } = [];

    public List<int> Indexes { get; } = [];

    public long Bytes { get; set; }

    /// <summary>Whether a session goes from an anonymous device to whom it turned out to be.</summary>
    public bool HandsOver { get; set; }
}

/// <summary>Which device each event goes to.</summary>
internal static class DeviceBatches
{
    private const string Identify = "$identify";

    /// <summary>Groups events by device, in order; a device with many events gets several calls.</summary>
    /// <param name="project">The project of all.</param>
    /// <param name="events">The events; those that name nobody are left out.</param>
    /// <param name="limits">How much goes in one call.</param>
    /// <returns>For each device its calls, to be made one after the other.</returns>
    public static IReadOnlyList<IReadOnlyList<DeviceBatch>> Group(
        string project, IReadOnlyList<SessionEvent> events, SessionsClientOptions limits)
    {
        List<List<DeviceBatch>> all = [];
        Dictionary<UserDeviceKey, List<DeviceBatch>> byDevice = [];
        for (int i = 0; i < events.Count; i++)
        {
            SessionEvent happened = events[i];
            if (!NamesSomebody(happened))
            {
                continue;
            }

            string? anonymous = AnonymousIdOf(happened);
            var key = UserDeviceKey.Create(project, anonymous ?? happened.DistinctId, happened.DeviceId);
            if (!byDevice.TryGetValue(key, out List<DeviceBatch>? calls))
            {
                byDevice.Add(key, calls = [new DeviceBatch(key)]);
                all.Add(calls);
            }

            DeviceBatch call = calls[^1];
            if (call.Events.Count >= limits.MaxEventsPerCall
                || (call.Events.Count > 0 && call.Bytes + happened.Properties.Length > limits.MaxBytesPerCall))
            {
                calls.Add(call = new DeviceBatch(key));
            }

            call.HandsOver |= anonymous is not null;
            call.Bytes += happened.Properties.Length;
            call.Events.Add(happened);
            call.Indexes.Add(i);
        }

        return all;
    }

    /// <summary>Whether there is a device to go to.</summary>
    public static bool NamesSomebody(SessionEvent happened) =>
        IdText.Trim(happened.DistinctId) is not null || IdText.Trim(happened.DeviceId) is not null;

    /// <summary>Who an <c>$identify</c> was until now, as <c>$anon_distinct_id</c> says: that one's device hands its session over.</summary>
    private static string? AnonymousIdOf(SessionEvent happened)
    {
        if (IdText.Trim(happened.Name) != Identify || IdText.Trim(happened.DeviceId) is not null || happened.Properties.IsEmpty)
        {
            return null;
        }

        try
        {
            using JsonDocument properties = JsonDocument.Parse(happened.Properties);
            return properties.RootElement.ValueKind == JsonValueKind.Object
                && properties.RootElement.TryGetProperty("$anon_distinct_id", out JsonElement id)
                && id.ValueKind == JsonValueKind.String
                && IdText.Stored(id.GetString()) is { } name
                && name != IdText.Trim(happened.DistinctId)
                    ? name
                    : null;
        }
        catch (JsonException)
        {
            // The grain refuses it with a reason.
            return null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: the same.
            return null;
        }
    }
}
