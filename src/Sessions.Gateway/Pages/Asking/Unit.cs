using System.Globalization;
using Sessions.Gateway.Pages.Frame;

namespace Sessions.Gateway.Pages.Asking;

/// <summary>How a number is said.</summary>
public enum Unit
{
    Count,
    Seconds,
    Percent,
}

/// <summary>Says numbers.</summary>
public static class Units
{
    /// <summary>What the chart's script calls it.</summary>
    public static string Word(this Unit unit) => unit.ToString().ToLowerInvariant();

    public static string Say(this Unit unit, double? value) => value is not { } number ? Said.Nothing : unit switch
    {
        Unit.Percent => number.ToString("0.0%", CultureInfo.InvariantCulture),
        Unit.Seconds when number < 60 => number.ToString("0.0 s", CultureInfo.InvariantCulture),
        Unit.Seconds => Said.Clock(TimeSpan.FromSeconds(number)),
        _ => number.ToString("#,0.##", CultureInfo.InvariantCulture),
    };

    /// <summary>The unit of a series: what its math makes of its property.</summary>
    public static Unit Of(SeriesRow series) => series.Math is "total" or "unique_sessions" or "unique_users"
        ? Unit.Count
        : series.Property switch
        {
            "$session_duration" => Unit.Seconds,
            "$is_bounce" when series.Math == "avg" => Unit.Percent,
            _ => Unit.Count,
        };
}
