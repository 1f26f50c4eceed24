using System.Text.Json;

namespace Sessions.Capture.Parsing;

internal enum EventField
{
    None, Event, Uuid, DistinctId, Token, Timestamp, Offset, SentAt, Properties, Set, SetOnce, Batch, SenderOrder,
}

internal enum PropertyField
{
    None, Token, DistinctId, DeviceId, SessionId, WindowId, IgnoreSentAt, AnonymousId, Alias, CookielessMode, UserAgent, Host,
    Ip, GeoIpDisable, SnapshotData, SnapshotHost, SnapshotSource, Library,
}

/// <summary>
/// Finds the field that a property name stands for. It compares lengths first, because it runs for every property.
/// </summary>
internal static class FieldNames
{
    public static EventField EventFieldOf(ref Utf8JsonReader name)
    {
        if (name.ValueIsEscaped)
        {
            return EventField.None;
        }

        ReadOnlySpan<byte> text = name.ValueSpan;
        return text.Length switch
        {
            4 when text.SequenceEqual("uuid"u8) => EventField.Uuid,
            4 when text.SequenceEqual("$set"u8) => EventField.Set,
            5 when text.SequenceEqual("event"u8) => EventField.Event,
            5 when text.SequenceEqual("token"u8) => EventField.Token,
            5 when text.SequenceEqual("batch"u8) => EventField.Batch,
            6 when text.SequenceEqual("$token"u8) => EventField.Token,
            6 when text.SequenceEqual("offset"u8) => EventField.Offset,
            7 when text.SequenceEqual("api_key"u8) => EventField.Token,
            7 when text.SequenceEqual("sent_at"u8) => EventField.SentAt,
            9 when text.SequenceEqual("timestamp"u8) => EventField.Timestamp,
            9 when text.SequenceEqual("$set_once"u8) => EventField.SetOnce,
            10 when text.SequenceEqual("properties"u8) => EventField.Properties,
            11 when text.SequenceEqual("distinct_id"u8) => EventField.DistinctId,
            12 when text.SequenceEqual("$distinct_id"u8) => EventField.DistinctId,
            12 when text.SequenceEqual("sender_order"u8) => EventField.SenderOrder,
            _ => EventField.None,
        };
    }

    public static PropertyField PropertyFieldOf(ref Utf8JsonReader name)
    {
        if (name.ValueIsEscaped)
        {
            return PropertyField.None;
        }

        ReadOnlySpan<byte> text = name.ValueSpan;
        return text.Length switch
        {
            3 when text.SequenceEqual("$ip"u8) => PropertyField.Ip,
            4 when text.SequenceEqual("$lib"u8) => PropertyField.Library,
            5 when text.SequenceEqual("token"u8) => PropertyField.Token,
            5 when text.SequenceEqual("$host"u8) => PropertyField.Host,
            5 when text.SequenceEqual("alias"u8) => PropertyField.Alias,
            10 when text.SequenceEqual("$device_id"u8) => PropertyField.DeviceId,
            10 when text.SequenceEqual("$window_id"u8) => PropertyField.WindowId,
            11 when text.SequenceEqual("distinct_id"u8) => PropertyField.DistinctId,
            11 when text.SequenceEqual("$session_id"u8) => PropertyField.SessionId,
            14 when text.SequenceEqual("$geoip_disable"u8) => PropertyField.GeoIpDisable,
            14 when text.SequenceEqual("$snapshot_data"u8) => PropertyField.SnapshotData,
            14 when text.SequenceEqual("$snapshot_host"u8) => PropertyField.SnapshotHost,
            15 when text.SequenceEqual("$raw_user_agent"u8) => PropertyField.UserAgent,
            15 when text.SequenceEqual("$ignore_sent_at"u8) => PropertyField.IgnoreSentAt,
            16 when text.SequenceEqual("$cookieless_mode"u8) => PropertyField.CookielessMode,
            16 when text.SequenceEqual("$snapshot_source"u8) => PropertyField.SnapshotSource,
            17 when text.SequenceEqual("$anon_distinct_id"u8) => PropertyField.AnonymousId,
            _ => PropertyField.None,
        };
    }
}
