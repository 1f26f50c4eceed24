using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sessions.Postgres;

/// <summary>
/// A password as Postgres stores it (RFC 5803). With it the password can be set again by somebody who does not know it,
/// and nobody can log in.
/// </summary>
internal static class ScramVerifier
{
    private const int Iterations = 4096;
    private const int SaltLength = 16;

    /// <summary>
    /// What Postgres would make of a password; null when it has other than printable ASCII characters, which Postgres
    /// rewrites in a way of its own first.
    /// </summary>
    public static string? Of(string password)
    {
        if (password.Length == 0 || password.Any(character => character is < ' ' or > '~'))
        {
            return null;
        }

        byte[] salt = RandomNumberGenerator.GetBytes(SaltLength);
        byte[] salted = Rfc2898DeriveBytes.Pbkdf2(
            Encoding.ASCII.GetBytes(password), salt, Iterations, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);
        byte[] stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        byte[] server = HMACSHA256.HashData(salted, "Server Key"u8);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"SCRAM-SHA-256${Iterations}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}");
    }
}
