using System.Globalization;
using System.Text.RegularExpressions;
using Sessions.Database.Properties;

namespace Sessions.Web.Analytics;

/// <summary>Says a bin as people do: the API's <c>[0,49.2555)</c> of durations is "0.0 s to under 49.3 s".</summary>
internal static partial class BinWords
{
    /// <summary>The bin in words; the text itself when it is no bin.</summary>
    public static string Of(string text, SessionProperty property)
    {
        if (Bin().Match(text) is not { Success: true } bin
            || !decimal.TryParse(bin.Groups[1].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal low)
            || !decimal.TryParse(bin.Groups[2].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal high))
        {
            return text;
        }

        bool isClosed = bin.Groups[3].Value == "]";
        if (property.Type != PropertyType.Number)
        {
            Unit unit = property.Type == PropertyType.Seconds ? Unit.Seconds : Unit.Count;
            return $"{unit.Text((double)low)} to {(isClosed ? "" : "under ")}{unit.Text((double)high)}";
        }

        // Whole numbers: the first and the last one that are in the bin.
        decimal first = Math.Ceiling(low), last = isClosed ? Math.Floor(high) : Math.Ceiling(high) - 1;
        return first > last ? $"none between {Text(low)} and {Text(high)}"
            : first == last ? Text(first)
            : $"{Text(first)} to {Text(last)}";

        static string Text(decimal number) => Unit.Count.Text((double)number);
    }

    [GeneratedRegex(@"^\[(-?[0-9.]+),(-?[0-9.]+)([)\]])$", RegexOptions.CultureInvariant)]
    private static partial Regex Bin();
}
