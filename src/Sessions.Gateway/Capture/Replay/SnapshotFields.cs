using System.Text.Json;

namespace Sessions.Gateway.Capture.Replay;

internal enum SnapshotField
{
    None, Data, Token, DistinctId, DeviceId, SessionId, WindowId, Source, Library, Host, UserAgent, CookielessMode, IgnoreSentAt,
}

/// <summary>Finds the field a snapshot's property name stands for.</summary>
internal static class SnapshotFields
{
    public static SnapshotField Of(ref Utf8JsonReader name)
    {
        if (name.ValueIsEscaped)
        {
            return SnapshotField.None;
        }

        ReadOnlySpan<byte> text = name.ValueSpan;
        return text.Length switch
        {
            4 when text.SequenceEqual("$lib"u8) => SnapshotField.Library,
            5 when text.SequenceEqual("token"u8) => SnapshotField.Token,
            5 when text.SequenceEqual("$host"u8) => SnapshotField.Host,
            10 when text.SequenceEqual("$device_id"u8) => SnapshotField.DeviceId,
            10 when text.SequenceEqual("$window_id"u8) => SnapshotField.WindowId,
            11 when text.SequenceEqual("distinct_id"u8) => SnapshotField.DistinctId,
            11 when text.SequenceEqual("$session_id"u8) => SnapshotField.SessionId,
            14 when text.SequenceEqual("$snapshot_data"u8) => SnapshotField.Data,
            14 when text.SequenceEqual("$snapshot_host"u8) => SnapshotField.Host,
            15 when text.SequenceEqual("$raw_user_agent"u8) => SnapshotField.UserAgent,
            15 when text.SequenceEqual("$ignore_sent_at"u8) => SnapshotField.IgnoreSentAt,
            16 when text.SequenceEqual("$snapshot_source"u8) => SnapshotField.Source,
            16 when text.SequenceEqual("$cookieless_mode"u8) => SnapshotField.CookielessMode,
            _ => SnapshotField.None,
        };
    }
}
