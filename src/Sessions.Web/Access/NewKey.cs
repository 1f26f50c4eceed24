using System.Security.Cryptography;
using System.Text;

namespace Sessions.Web.Access;

/// <summary>A new API key. The whole key is shown only once, when it is created.</summary>
/// <param name="Text">The key.</param>
internal sealed record NewKey(string Text)
{
    private const string Prefix = "sk_";
    private const string TokenPrefix = "phc_";
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int Length = 43; // of 62 letters: 256 bits
    private const int EndingLength = 4;

    /// <summary>The hash that the server stores.</summary>
    public byte[] Sha256 => HashOf(Text);

    /// <summary>Its last characters, by which people tell their keys apart.</summary>
    public string Ending => Text[^EndingLength..];

    /// <summary>Creates a random key.</summary>
    public static NewKey Make() => new(Prefix + RandomNumberGenerator.GetString(Alphabet, Length));

    /// <summary>Creates a random token for a project's senders.</summary>
    public static string MakeToken() => TokenPrefix + RandomNumberGenerator.GetString(Alphabet, Length);

    /// <summary>Creates a random password.</summary>
    public static string MakePassword() => RandomNumberGenerator.GetString(Alphabet, Length);

    /// <summary>The hash of a key. A key is random, so one round without salt is enough.</summary>
    public static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
