using System.Security.Cryptography;
using System.Text;

namespace Sessions.Gateway.Access;

/// <summary>An API key in the moment in which it is made: the only one in which anybody sees it whole.</summary>
/// <param name="Text">The key.</param>
internal sealed record NewKey(string Text)
{
    private const string Prefix = "sk_";
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int Length = 43; // of 62 letters: 256 bits
    private const int EndingLength = 4;

    /// <summary>What the server keeps of it.</summary>
    public byte[] Sha256 => HashOf(Text);

    /// <summary>Its last characters, by which people tell their keys apart.</summary>
    public string Ending => Text[^EndingLength..];

    /// <summary>A key that nobody can guess.</summary>
    public static NewKey Make() => new(Prefix + RandomNumberGenerator.GetString(Alphabet, Length));

    /// <summary>The hash of a key. A key is random, so one round without salt gives nothing away.</summary>
    public static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
