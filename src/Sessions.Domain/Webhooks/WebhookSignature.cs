using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sessions.Domain.Webhooks;

/// <summary>
/// The signature of a delivery, as in Standard Webhooks 1.0 (standardwebhooks.com): the HMAC-SHA256 of id, time and
/// body, separated by full stops.
/// </summary>
public static class WebhookSignature
{
    /// <summary>The prefix of every secret. The key in base64 follows it.</summary>
    public const string SecretPrefix = "whsec_";

    /// <summary>The length of a key in bytes.</summary>
    public const int KeyBytes = 32;

    /// <summary>Writes a secret in the form that users copy.</summary>
    /// <param name="key">The key, random.</param>
    public static string WriteSecret(ReadOnlySpan<byte> key) => SecretPrefix + Convert.ToBase64String(key);

    /// <summary>The header <c>webhook-signature</c>: one signature for each secret that is valid, with spaces in between.</summary>
    /// <param name="secrets">The secrets, as <see cref="WriteSecret"/> wrote them.</param>
    /// <param name="id">The header <c>webhook-id</c>; it has no full stop.</param>
    /// <param name="timestamp">The header <c>webhook-timestamp</c>: the attempt's time in seconds since 1970.</param>
    /// <param name="body">The body as it is sent.</param>
    public static string Sign(IEnumerable<string> secrets, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        byte[] head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}."));
        byte[] signed = [.. head, .. body];
        return string.Join(' ', secrets.Select(secret => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(KeyOf(secret), signed))}"));
    }

    /// <summary>
    /// Whether one of the signatures in a header was made with the secret, and not long before or after now.
    /// </summary>
    /// <param name="secret">The receiver's secret.</param>
    /// <param name="id">The header <c>webhook-id</c>.</param>
    /// <param name="timestamp">The header <c>webhook-timestamp</c>.</param>
    /// <param name="signatures">The header <c>webhook-signature</c>.</param>
    /// <param name="body">The body as it was received.</param>
    /// <param name="now">The receiver's time.</param>
    /// <param name="tolerance">How far the two clocks may be apart.</param>
    public static bool IsValid(
        string secret, string id, string timestamp, string signatures, ReadOnlySpan<byte> body, DateTimeOffset now, TimeSpan tolerance)
    {
        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            || Math.Abs(now.ToUnixTimeSeconds() - seconds) > tolerance.TotalSeconds)
        {
            return false;
        }

        byte[] expected = Encoding.UTF8.GetBytes(Sign([secret], id, seconds, body));
        return signatures.Split(' ').Any(one => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), expected));
    }

    private static byte[] KeyOf(string secret) =>
        secret.StartsWith(SecretPrefix, StringComparison.Ordinal) && Base64.IsValid(secret.AsSpan(SecretPrefix.Length))
            ? Convert.FromBase64String(secret[SecretPrefix.Length..])
            : throw new FormatException("The secret of a webhook is malformed.");
}
