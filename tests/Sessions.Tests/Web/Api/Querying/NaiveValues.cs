using System.Globalization;
using System.Text.RegularExpressions;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>The values of events' properties, read off the contract's words.</summary>
internal static partial class NaiveValues
{
    /// <summary>A number, or a text that is nothing but a number; else null.</summary>
    public static decimal? Number(StoredEvent happened, string property) => happened.Properties.GetValueOrDefault(property) switch
    {
        decimal number => number,
        string text when OnlyNumber().IsMatch(text) => decimal.Parse(text, CultureInfo.InvariantCulture),
        _ => null,
    };

    /// <summary>The value as text; null when it is missing.</summary>
    public static string? Text(StoredEvent happened, string property) => property == "distinct_id" ? happened.DistinctId
        : happened.Properties.GetValueOrDefault(property) switch
        {
            null => null,
            decimal number => number.ToString("0.######", CultureInfo.InvariantCulture),
            bool yes => yes ? "true" : "false",
            object other => other.ToString(),
        };

    [GeneratedRegex(@"^-?\d+(\.\d+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex OnlyNumber();
}
