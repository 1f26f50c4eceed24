using System.Collections.Frozen;
using Lookup = System.Collections.Frozen.FrozenDictionary<string, Sessions.Domain.Channels.ChannelRow>
    .AlternateLookup<System.ReadOnlySpan<char>>;

namespace Sessions.Domain.Channels;

/// <summary>A row of the table: a source or a medium, and the channel that it gives to a visit.</summary>
/// <param name="Value">
/// A host, a family such as <c>google.*</c>, an app id, a bare name or a medium; lower case.
/// </param>
/// <param name="Kind"><c>source</c>, <c>medium</c> or <c>assistant</c>.</param>
/// <param name="DomainType">Search, Social, Video and so on.</param>
/// <param name="IfPaid">The channel of a paid click; null when the next step decides.</param>
/// <param name="IfOrganic">The channel of any other visit; null when the next step decides.</param>
internal sealed record ChannelRow(string Value, string Kind, string DomainType, string? IfPaid, string? IfOrganic);

/// <summary>The look-ups in <c>channels.tsv</c>, which says how they work and where its facts come from.</summary>
internal static class ChannelTable
{
    private const string FamilySuffix = ".*";

    /// <summary>All rows, in the file's order.</summary>
    public static readonly IReadOnlyList<ChannelRow> Rows = DomainTables.Read("channels.tsv", columns: 5)
        .Select(row => new ChannelRow(row[0], row[1], row[2], OrNull(row[3]), OrNull(row[4])))
        .ToArray();

    private static readonly Lookup Mediums = ByValue(row => row.Kind == "medium");
    private static readonly Lookup Assistants = ByValue(row => row.Kind == "assistant");
    private static readonly Lookup Sources = ByValue(row => row.Kind == "source" && !IsFamily(row));
    private static readonly Lookup Families = ByValue(row => row.Kind == "source" && IsFamily(row));

    /// <summary>
    /// Finds the row of a <c>utm_source</c> or a referring domain: by the value itself, then by its registrable domain,
    /// then by its family.
    /// </summary>
    public static ChannelRow? Source(string? value)
    {
        if (Sources.TryGetValue(value, out ChannelRow? row))
        {
            return row;
        }

        ReadOnlySpan<char> domain = RegistrableDomain.Of(value);
        return Sources.TryGetValue(domain, out row)
            || (RegistrableDomain.HasFamilySuffix(domain) && Families.TryGetValue(RegistrableDomain.Name(domain), out row))
                ? row
                : null;
    }

    /// <summary>Finds the row of a <c>utm_medium</c>.</summary>
    public static ChannelRow? Medium(string? value) =>
        value is not null && Mediums.TryGetValue(value, out ChannelRow? row) ? row : null;

    /// <summary>Whether a <c>utm_source</c> or a referring domain is an AI assistant.</summary>
    public static bool IsAssistant(string? value) =>
        value is not null && (Assistants.ContainsKey(value) || Assistants.ContainsKey(RegistrableDomain.Of(value)));

    private static bool IsFamily(ChannelRow row) => row.Value.EndsWith(FamilySuffix, StringComparison.Ordinal);

    private static string? OrNull(string cell) => cell == "-" ? null : cell;

    /// <summary>Ignores letter case, because host names do. Sources and mediums are already in lower case.</summary>
    private static Lookup ByValue(Func<ChannelRow, bool> isMeant) =>
        Rows.Where(isMeant)
            .ToFrozenDictionary(
                row => IsFamily(row) ? row.Value[..^FamilySuffix.Length] : row.Value,
                StringComparer.OrdinalIgnoreCase)
            .GetAlternateLookup<ReadOnlySpan<char>>();
}
