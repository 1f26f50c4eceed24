using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sessions.Database.Readers;

/// <summary>
/// Computes a password's verifier, the form in which Postgres stores it (RFC 5803). The verifier is enough to set the
/// password again, but not to log in.
/// </summary>
internal static class ScramVerifier
{
    private const int Iterations = 4096;
    private const int SaltLength = 16;

    /// <summary>
    /// Computes the verifier of a password. Null when the password has characters other than printable ASCII, which
    /// Postgres normalizes first.
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
