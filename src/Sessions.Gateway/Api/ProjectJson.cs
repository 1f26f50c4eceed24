using System.Text.Json;

namespace Sessions.Gateway.Api;

/// <summary>A project's settings as the API writes them.</summary>
internal static class ProjectJson
{
    public static void Write(Utf8JsonWriter json, ProjectSettings settings, string? token)
    {
        json.WriteStartObject();
        json.WriteString("name", settings.Name);
        json.WriteString("token", token);
        json.WriteString("timezone", settings.TimeZone);
        json.WriteString("week_start", WordOf(settings.WeekStart));
        json.WriteNumber("idle_timeout_seconds", settings.IdleTimeout.TotalSeconds);
        json.WriteNumber("bounce_seconds", settings.BounceDuration.TotalSeconds);
        SessionJson.WriteList(json, "channel_rules", settings.ChannelRules, Write);
        json.WriteBoolean("ai_channel", settings.AiChannel);
        WriteTexts(json, "ignored_referrers", settings.IgnoredReferrers);
        json.WriteBoolean("bot_filter", settings.BotFilter);
        WriteTexts(json, "internal_hosts", settings.InternalHosts);
        WriteDays(json, settings.RetentionDays);
        json.WriteStartObject("replay");
        json.WriteBoolean("enabled", settings.Replay.Enabled);
        json.WriteNumber("sample_rate", settings.Replay.SampleRate);
        json.WriteNumber("minimum_duration_ms", settings.Replay.MinimumDuration.TotalMilliseconds);
        json.WriteBoolean("console", settings.Replay.Console);
        WriteDays(json, settings.Replay.RetentionDays);
        json.WriteEndObject();
        SessionJson.WriteList(json, "path_cleaning", settings.PathCleaning, (writer, rule) =>
        {
            writer.WriteStartObject();
            writer.WriteString("regex", rule.Regex);
            writer.WriteString("replacement", rule.Replacement);
            writer.WriteEndObject();
        });
        json.WriteEndObject();
    }

    /// <summary>A day of the week as JSON has it: <c>monday</c>.</summary>
    public static string WordOf(DayOfWeek day) => day.ToString().ToLowerInvariant();

    private static void Write(Utf8JsonWriter json, ProjectChannelRule rule)
    {
        json.WriteStartObject();
        json.WriteString("id", rule.Id);
        json.WriteString("combiner", rule.Combiner);
        SessionJson.WriteList(json, "items", rule.Items, Write);
        json.WriteString("channel_type", rule.ChannelType);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ProjectChannelCondition item)
    {
        json.WriteStartObject();
        json.WriteString("key", item.Key);
        json.WriteString("op", item.Op);
        WriteTexts(json, "value", item.Values);
        json.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts) =>
        SessionJson.WriteList(json, name, texts, (writer, text) => writer.WriteStringValue(text));

    private static void WriteDays(Utf8JsonWriter json, int days)
    {
        if (days == 0)
        {
            json.WriteNull("retention_days");
        }
        else
        {
            json.WriteNumber("retention_days", days);
        }
    }
}
