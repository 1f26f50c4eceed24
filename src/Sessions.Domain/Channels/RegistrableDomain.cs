using System.Collections.Frozen;

namespace Sessions.Domain.Channels;

/// <summary>
/// The part of a host that somebody registers: the last label and the one before it, and one more where the last two
/// are a country's suffix (<c>www.google.co.uk</c> is <c>google.co.uk</c>). A short list of such suffixes, not the
/// public suffix list: it only has to find the sites of <c>channels.tsv</c> again.
/// </summary>
public static class RegistrableDomain
{
    /// <summary>Second labels that are suffixes under any country's two letters.</summary>
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> AnyCountry =
        Set("com co net org gov edu ac");

    /// <summary>Suffixes of single countries.</summary>
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> OneCountry = Set(
        "ne.jp or.jp go.jp ad.jp ed.jp gr.jp lg.jp me.uk ltd.uk plc.uk sch.uk id.au asn.au firm.in gen.in ind.in " +
        "or.kr re.kr pe.kr go.kr or.id go.id web.id or.th in.th go.th or.at gv.at gob.mx gob.ar gob.es nom.br art.br " +
        "eng.br web.tr gen.tr biz.tr gen.nz geek.nz maori.nz web.za biz.pl info.pl waw.pl in.ua kiev.ua msk.ru spb.ru " +
        "idv.tw muni.il or.cr uk.com us.com de.com eu.com");

    /// <summary>The endings without a country under which a family of sites is still itself.</summary>
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Worldwide = Set("com net org info cat");

    /// <summary>Empty for what has no dot. A host that is registrable is its own answer.</summary>
    public static ReadOnlySpan<char> Of(ReadOnlySpan<char> host)
    {
        int last = host.LastIndexOf('.');
        if (last < 0)
        {
            return [];
        }

        int second = host[..last].LastIndexOf('.');
        if (second < 0)
        {
            return host;
        }

        if (!IsSuffix(host[(second + 1)..last], host[(last + 1)..], host[(second + 1)..]))
        {
            return host[(second + 1)..];
        }

        int third = host[..second].LastIndexOf('.');
        return host[(third + 1)..];
    }

    /// <summary>What stands before the suffix of a registrable domain.</summary>
    public static ReadOnlySpan<char> Name(ReadOnlySpan<char> domain) =>
        domain.IndexOf('.') is >= 0 and int dot ? domain[..dot] : domain;

    /// <summary>
    /// Whether a registrable domain lies in a country or under one of the old worldwide endings. Under the hundreds of
    /// newer ones a name often is another thing (google.dev is no search engine), or somebody else's.
    /// </summary>
    public static bool HasFamilySuffix(ReadOnlySpan<char> domain)
    {
        ReadOnlySpan<char> suffix = domain[Math.Min(domain.Length, Name(domain).Length + 1)..];
        return suffix.Contains('.') || IsCountry(suffix) || Worldwide.Contains(suffix);
    }

    private static bool IsSuffix(ReadOnlySpan<char> second, ReadOnlySpan<char> last, ReadOnlySpan<char> both) =>
        (IsCountry(last) && AnyCountry.Contains(second)) || OneCountry.Contains(both);

    private static bool IsCountry(ReadOnlySpan<char> label) =>
        label.Length == 2 && char.IsAsciiLetter(label[0]) && char.IsAsciiLetter(label[1]);

    private static FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Set(string words) =>
        words.Split(' ').ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
}
