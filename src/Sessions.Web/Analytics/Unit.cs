using System.Globalization;
using Sessions.Web.Layout;

namespace Sessions.Web.Analytics;

/// <summary>The format of a number.</summary>
public enum Unit
{
    Count,
    Seconds,
    Percent,
}

/// <summary>Writes numbers as text for people.</summary>
public static class UnitFormat
{
    // Smaller changes are written as none.
    private const double Smallest = 0.0005;

    /// <summary>The unit's name in the chart's script.</summary>
    public static string Word(this Unit unit) => unit.ToString().ToLowerInvariant();

    /// <summary>The number as text, or a dash when it is missing.</summary>
    public static string Text(this Unit unit, double? value) => value is not { } number ? Format.Nothing : unit switch
    {
        Unit.Percent => number.ToString("0.0%", CultureInfo.InvariantCulture),
        Unit.Seconds when number < 60 => number.ToString("0.0 s", CultureInfo.InvariantCulture),
        Unit.Seconds => Format.Clock(TimeSpan.FromSeconds(number)),
        _ => number.ToString("#,0.##", CultureInfo.InvariantCulture),
    };

    /// <summary>
    /// The change from one number to another: in percent of the earlier one, or for rates in percentage points. Null when
    /// it can't be calculated.
    /// </summary>
    /// <returns>The text, and the direction: 1, 0 or -1.</returns>
    public static (string Text, int Direction)? Change(this Unit unit, double? before, double? now)
    {
        if (before is not { } earlier || now is not { } later || (unit != Unit.Percent && earlier == 0))
        {
            return null;
        }

        double change = unit == Unit.Percent ? later - earlier : (later - earlier) / earlier;
        int direction = Math.Abs(change) < Smallest ? 0 : Math.Sign(change);
        string text = unit == Unit.Percent
            ? (100 * change).ToString("+0.0 points;−0.0 points;0.0 points", CultureInfo.InvariantCulture)
            : change.ToString("+0.0%;−0.0%;0.0%", CultureInfo.InvariantCulture);
        return (text, direction);
    }

    /// <summary>The unit of a series: it follows from its math and its property.</summary>
    public static Unit Of(SeriesJson series) => series.Math is "total" or "unique_sessions" or "unique_users" || series.PropertyType == QueryCheck.OfEvent
        ? Unit.Count
        : series.Property switch
        {
            "$session_duration" => Unit.Seconds,
            "$is_bounce" when series.Math == "avg" => Unit.Percent,
            _ => Unit.Count,
        };
}
