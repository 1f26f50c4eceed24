using System.Text.Json;
using Sessions.Gateway.Capture.Parsing;

namespace Sessions.Gateway.Api;

/// <summary>
/// The settings that somebody wants to change, as JSON has them. What is of the wrong type is found here, what is out
/// of range when the change is checked.
/// </summary>
/// <param name="Change">What to change.</param>
/// <param name="Token">The project's new token; null leaves it.</param>
internal sealed record AskedSettings(ProjectChange Change, string? Token)
{
    // Beyond what any setting allows, within what a time can hold.
    private const double MostSeconds = 1e9;

    private const string Known =
        "name, token, timezone, week_start, idle_timeout_seconds, bounce_seconds, channel_rules, ai_channel, "
        + "ignored_referrers, bot_filter, internal_hosts, retention_days, path_cleaning, replay";

    private const string KnownOfReplay = "enabled, sample_rate, minimum_duration_ms, console, retention_days";

    /// <summary>Reads the settings; what is wrong with them is remembered in the fields.</summary>
    public static AskedSettings Read(AskedFields fields, JsonElement body)
    {
        var change = new ProjectChange();
        string? token = null;
        foreach (JsonProperty field in Members(fields, "body", body))
        {
            JsonElement value = field.Value;
            switch (field.Name)
            {
                case "name":
                    change = change with { Name = Text(fields, "name", value) };
                    break;
                case "token":
                    token = TokenOf(fields, value);
                    break;
                case "timezone":
                    change = change with { TimeZone = Text(fields, "timezone", value) };
                    break;
                case "week_start":
                    change = change with { WeekStart = Day(fields, value) };
                    break;
                case "idle_timeout_seconds":
                    change = change with { IdleTimeout = Seconds(Whole(fields, field.Name, value)) };
                    break;
                case "bounce_seconds":
                    change = change with { BounceDuration = Seconds(Number(fields, field.Name, value)) };
                    break;
                case "channel_rules":
                    change = change with { ChannelRules = AskedChannelRules.Read(fields, value) };
                    break;
                case "ai_channel":
                    change = change with { AiChannel = YesNo(fields, field.Name, value) };
                    break;
                case "ignored_referrers":
                    change = change with { IgnoredReferrers = Texts(fields, field.Name, value) };
                    break;
                case "bot_filter":
                    change = change with { BotFilter = YesNo(fields, field.Name, value) };
                    break;
                case "internal_hosts":
                    change = change with { InternalHosts = Texts(fields, field.Name, value) };
                    break;
                case "retention_days":
                    change = change with { RetentionDays = Days(fields, field.Name, value) };
                    break;
                case "path_cleaning":
                    change = change with { PathCleaning = AskedPathRules.Read(fields, value) };
                    break;
                case "replay":
                    change = change with { Replay = Replay(fields, value) };
                    break;
                default:
                    fields.Refuse(field.Name, $"is no setting: the settings are {Known}");
                    break;
            }
        }

        return new AskedSettings(change, token);
    }

    private static ReplayChange Replay(AskedFields fields, JsonElement replay)
    {
        var change = new ReplayChange();
        foreach (JsonProperty field in Members(fields, "replay", replay))
        {
            string name = $"replay.{field.Name}";
            switch (field.Name)
            {
                case "enabled":
                    change = change with { Enabled = YesNo(fields, name, field.Value) };
                    break;
                case "sample_rate":
                    change = change with { SampleRate = Number(fields, name, field.Value) };
                    break;
                case "minimum_duration_ms":
                    change = change with { MinimumDuration = Seconds(Whole(fields, name, field.Value) / 1000) };
                    break;
                case "console":
                    change = change with { Console = YesNo(fields, name, field.Value) };
                    break;
                case "retention_days":
                    change = change with { RetentionDays = Days(fields, name, field.Value) };
                    break;
                default:
                    fields.Refuse(name, $"is no setting: the settings of replay are {KnownOfReplay}");
                    break;
            }
        }

        return change;
    }

    private static JsonElement.ObjectEnumerator Members(AskedFields fields, string field, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            return value.EnumerateObject();
        }

        fields.Refuse(field, "must be a JSON object");
        return default;
    }

    private static string? Text(AskedFields fields, string field, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return value.GetString();
        }

        fields.Refuse(field, "must be a text");
        return null;
    }

    private static string? TokenOf(AskedFields fields, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String && ProjectTokens.IsToken(value.GetString()!))
        {
            return value.GetString();
        }

        fields.Refuse(
            "token", $"must be a text of 1 to {ProjectTokens.MaxLength} printable ASCII characters that doesn't begin with phx_");
        return null;
    }

    private static DayOfWeek? Day(AskedFields fields, JsonElement value)
    {
        DayOfWeek[] days = Enum.GetValues<DayOfWeek>();
        if (value.ValueKind == JsonValueKind.String)
        {
            foreach (DayOfWeek day in days)
            {
                if (string.Equals(value.GetString(), ProjectJson.WordOf(day), StringComparison.OrdinalIgnoreCase))
                {
                    return day;
                }
            }
        }

        fields.Refuse("week_start", $"must be one of {string.Join(", ", days.Select(ProjectJson.WordOf))}");
        return null;
    }

    private static bool? YesNo(AskedFields fields, string field, JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        fields.Refuse(field, "must be true or false");
        return null;
    }

    private static double? Number(AskedFields fields, string field, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number))
        {
            return number;
        }

        fields.Refuse(field, "must be a number");
        return null;
    }

    private static double? Whole(AskedFields fields, string field, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number == Math.Floor(number))
        {
            return number;
        }

        fields.Refuse(field, "must be a whole number");
        return null;
    }

    private static TimeSpan? Seconds(double? seconds) =>
        seconds is { } number ? TimeSpan.FromSeconds(Math.Clamp(number, -MostSeconds, MostSeconds)) : null;

    /// <summary>A number of days; 0 stands for ever, which is null in JSON.</summary>
    private static int? Days(AskedFields fields, string field, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return 0;
        }

        double? days = Whole(fields, field, value);
        return days is null ? null : (int)Math.Clamp(days.Value == 0 ? -1 : days.Value, int.MinValue, int.MaxValue);
    }

    private static IReadOnlyList<string>? Texts(AskedFields fields, string field, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            return [.. value.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : null!)];
        }

        fields.Refuse(field, "must be a list of texts");
        return null;
    }
}
