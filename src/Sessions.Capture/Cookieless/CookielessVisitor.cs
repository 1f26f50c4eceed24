using System.Buffers.Binary;
using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Sessions.Domain.Channels;
using Sessions.Domain.Events;

namespace Sessions.Capture.Cookieless;

/// <summary>The facts that tell a visitor without cookies from others, for a day.</summary>
/// <param name="Project">The project's id, so that a visitor has another id in each project.</param>
/// <param name="Address">The visitor's IP address.</param>
/// <param name="Site">The site's root host, so that <c>shop.example.com</c> and <c>www.example.com</c> are one site.</param>
/// <param name="UserAgent">The browser's user agent.</param>
internal readonly record struct CookielessVisitor(string Project, IPAddress? Address, string Site, string UserAgent)
{
    /// <summary>The distinct id that SDKs send for every cookieless visitor.</summary>
    public const string SentDistinctId = "$posthog_cookieless";

    /// <summary>The prefix of the distinct ids that the server derives.</summary>
    public const string Prefix = "cookieless_";

    // 128 bits: two visitors of a day never get the same id by chance.
    private const int IdBytes = 16;

    /// <summary>The root host of a site; empty when neither property names one.</summary>
    /// <param name="host">A host, perhaps with a port.</param>
    /// <param name="url">A URL, used when there is no host.</param>
    public static string SiteOf(string? host, string? url)
    {
        string name = (Urls.Hostname("http://" + host) ?? Urls.Hostname(url) ?? "").TrimEnd('.');
        ReadOnlySpan<char> root = IPAddress.TryParse(name, out _) ? [] : RegistrableDomain.Of(name);
        return root.IsEmpty ? name : root.ToString();
    }

    /// <summary>
    /// The visitor's distinct id on the day of the salt. It can't be traced back to the visitor without the salt.
    /// </summary>
    public string Id(byte[] salt)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, salt);
        Append(hash, Encoding.UTF8.GetBytes(Project));
        Append(hash, Address?.GetAddressBytes() ?? []);
        Append(hash, Encoding.UTF8.GetBytes(Site));
        Append(hash, Encoding.UTF8.GetBytes(UserAgent));
        return Prefix + Base64Url.EncodeToString(hash.GetHashAndReset().AsSpan(0, IdBytes));
    }

    // Each part follows its length, so that the end of one part can't be read as the beginning of the next.
    private static void Append(IncrementalHash hash, byte[] part)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, part.Length);
        hash.AppendData(length);
        hash.AppendData(part);
    }
}
