using System.Collections.Frozen;

namespace Sessions.Domain.Channels;

/// <summary>
/// The part of a host that is registered: the last two labels, or the last three when the last two are a country's
/// suffix (<c>www.google.co.uk</c> gives <c>google.co.uk</c>). It uses a short list of such suffixes and not the public
/// suffix list, because it only has to recognise the sites of <c>channels.tsv</c>.
/// </summary>
public static class RegistrableDomain
{
    /// <summary>Second-level labels that form a suffix with the code of any country.</summary>
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> AnyCountry =
        Set("com co net org gov edu ac");

    /// <summary>Suffixes of individual countries.</summary>
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> OneCountry = Set(
        "ne.jp or.jp go.jp ad.jp ed.jp gr.jp lg.jp me.uk ltd.uk plc.uk sch.uk id.au asn.au firm.in gen.in ind.in " +
        "or.kr re.kr pe.kr go.kr or.id go.id web.id or.th in.th go.th or.at gv.at gob.mx gob.ar gob.es nom.br art.br " +
        "eng.br web.tr gen.tr biz.tr gen.nz geek.nz maori.nz web.za biz.pl info.pl waw.pl in.ua kiev.ua msk.ru spb.ru " +
        "idv.tw muni.il or.cr uk.com us.com de.com eu.com");

    /// <summary>Top-level domains without a country that a family of sites uses.</summary>
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Worldwide = Set("com net org info cat");

    /// <summary>Returns the registrable domain of a host; empty when the host has no dot.</summary>
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

    /// <summary>The part before the suffix of a registrable domain.</summary>
    public static ReadOnlySpan<char> Name(ReadOnlySpan<char> domain) =>
        domain.IndexOf('.') is >= 0 and int dot ? domain[..dot] : domain;

    /// <summary>
    /// Whether a registrable domain has a country's suffix or one of the old worldwide top-level domains. Under the
    /// hundreds of newer ones, a name often means another thing (google.dev is not a search engine) or belongs to
    /// another owner.
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
