using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Sessions.SystemTests.Webhooks;

/// <summary>How docs/webhooks.md tells receivers to check what they get; a test holds the two together.</summary>
public static class WebhookCheck
{
    public static bool IsGenuine(string secret, IHeaderDictionary headers, byte[] body, DateTimeOffset now)
    {
        string id = headers["webhook-id"].ToString(), timestamp = headers["webhook-timestamp"].ToString();
        if (!long.TryParse(timestamp, out long seconds) || Math.Abs(now.ToUnixTimeSeconds() - seconds) > 300)
        {
            return false; // somebody may have recorded it
        }

        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        byte[] hash = HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), signed);
        byte[] expected = Encoding.UTF8.GetBytes($"v1,{Convert.ToBase64String(hash)}");
        return headers["webhook-signature"].ToString().Split(' ')
            .Any(one => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), expected));
    }
}
