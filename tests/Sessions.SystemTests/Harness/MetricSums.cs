using System.Globalization;
using System.Text.RegularExpressions;

namespace Sessions.SystemTests.Harness;

/// <summary>What a process counts, as Prometheus reads it.</summary>
public static partial class MetricSums
{
    /// <summary>Each series with the labels that are ours, without Prometheus' own.</summary>
    public static Dictionary<string, double> Of(string exposition) => exposition.Split('\n')
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => Series().Match(line))
        .Where(match => match.Success)
        .GroupBy(match => match.Groups["name"].Value + Labels(match.Groups["labels"].Value))
        .ToDictionary(
            group => group.Key,
            group => group.Sum(match => double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture)));

    private static string Labels(string labels)
    {
        string kept = string.Join(',', labels.Split(',').Where(label => label.Length > 0 && !label.StartsWith("otel_", StringComparison.Ordinal)));
        return kept.Length == 0 ? "" : $"{{{kept}}}";
    }

    [GeneratedRegex(@"^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>[^}]*)\})? (?<value>[-+0-9.eE]+|NaN)( \d+)?( #.*)?$")]
    private static partial Regex Series();
}
