using System.Buffers.Binary;
using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Sessions.Domain;
using Sessions.Domain.Channels;

namespace Sessions.Gateway.Capture.Cookieless;

/// <summary>All by which a visitor without cookies is told from others, for a day.</summary>
/// <param name="Project">The project's id: no visitor is the same in two.</param>
/// <param name="Address">The visitor's IP address.</param>
/// <param name="Site">The site's root host, so that <c>shop.example.com</c> and <c>www.example.com</c> are one site.</param>
/// <param name="UserAgent">The browser's user agent.</param>
internal readonly record struct CookielessVisitor(string Project, IPAddress? Address, string Site, string UserAgent)
{
    /// <summary>What SDKs send as everybody's distinct id.</summary>
    public const string SentDistinctId = "$posthog_cookieless";

    /// <summary>How the distinct ids that are made here begin.</summary>
    public const string Prefix = "cookieless_";

    // 128 bits: two visitors of a day never share them by chance.
    private const int IdBytes = 16;

    /// <summary>The root host of a site; empty when neither property names one.</summary>
    /// <param name="host">A host, perhaps with a port.</param>
    /// <param name="url">A URL, for want of a host.</param>
    public static string SiteOf(string? host, string? url)
    {
        string name = (Urls.Hostname("http://" + host) ?? Urls.Hostname(url) ?? "").TrimEnd('.');
        ReadOnlySpan<char> root = IPAddress.TryParse(name, out _) ? [] : RegistrableDomain.Of(name);
        return root.IsEmpty ? name : root.ToString();
    }

    /// <summary>The visitor's distinct id on the day of the salt. Without the salt nobody can find out whose it is.</summary>
    public string Id(byte[] salt)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, salt);
        Append(hash, Encoding.UTF8.GetBytes(Project));
        Append(hash, Address?.GetAddressBytes() ?? []);
        Append(hash, Encoding.UTF8.GetBytes(Site));
        Append(hash, Encoding.UTF8.GetBytes(UserAgent));
        return Prefix + Base64Url.EncodeToString(hash.GetHashAndReset().AsSpan(0, IdBytes));
    }

    // Each part after its length, or one part's end could pass for the next one's beginning.
    private static void Append(IncrementalHash hash, byte[] part)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, part.Length);
        hash.AppendData(length);
        hash.AppendData(part);
    }
}
