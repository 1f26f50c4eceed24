using System.Text.Json.Nodes;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Input;

/// <summary>Events that cannot be kept, each with the reason a sender is told.</summary>
public static class BadEvents
{
    /// <summary>What is wrong, the reason, and the answer when nothing else is in the request.</summary>
    public static TheoryData<string, string, int> All { get; } = new()
    {
        { "no distinct id", "missing_distinct_id", 400 },
        { "an empty distinct id", "missing_distinct_id", 400 },
        { "a null distinct id", "missing_distinct_id", 400 },
        { "no event name", "missing_event_name", 400 },
        { "an empty event name", "missing_event_name", 400 },
        { "an id that is no UUID", "invalid_uuid", 400 },
        { "an id of 10,000 characters", "invalid_uuid", 400 },
        { "properties that are a list", "invalid_properties", 400 },
        { "a number beyond all numbers, 1e400000", "invalid_properties", 400 },
        { "a number in place of the event", "not_an_object", 400 },
        { "null in place of the event", "not_an_object", 400 },
        { "nesting of 2,000", "too_deep", 400 },
        { "over 1 MiB of JSON", "too_large", 413 },
    };

    /// <summary>The event as raw JSON, since some of them no serializer would write.</summary>
    public static string Json(string wrong)
    {
        JsonObject good = Events.Event("bad", Events.NewDistinctId("bad"));
        switch (wrong)
        {
            case "no distinct id":
                good.Remove("distinct_id");
                break;
            case "an empty distinct id":
                good["distinct_id"] = "";
                break;
            case "a null distinct id":
                good["distinct_id"] = null;
                break;
            case "no event name":
                good.Remove("event");
                break;
            case "an empty event name":
                good["event"] = "";
                break;
            case "an id that is no UUID":
                good["uuid"] = "first";
                break;
            case "an id of 10,000 characters":
                good["uuid"] = new string('a', 10_000);
                break;
            case "properties that are a list":
                good["properties"] = new JsonArray(1, 2);
                break;
            case "a number beyond all numbers, 1e400000":
                return WithProperty(good, "1e400000");
            case "a number in place of the event":
                return "7";
            case "null in place of the event":
                return "null";
            case "nesting of 2,000":
                return WithProperty(good, string.Concat(Enumerable.Repeat("[", 2_000)) + string.Concat(Enumerable.Repeat("]", 2_000)));
            case "over 1 MiB of JSON":
                good["properties"]!["much"] = new string('x', 1024 * 1024);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(wrong), wrong, null);
        }

        return good.ToJsonString();
    }

    /// <summary>The event with one property, <c>odd</c>, whose value is written as it is.</summary>
    public static string WithProperty(JsonObject made, string rawValue)
    {
        made["properties"]!["odd"] = "HERE";
        return made.ToJsonString().Replace("\"HERE\"", rawValue, StringComparison.Ordinal);
    }
}
